import type { ExecutionOutcome } from "@rrq/protocol";

/** What spans and metrics call an outcome. */
export function outcomeLabel({ type }: ExecutionOutcome): "success" | "retry" | "timeout" | "error" | "cancelled" {
  switch (type) {
    case "success":
    case "timeout":
    case "cancelled":
      return type;
    case "retry_after":
      return "retry";
    case "failure":
    case "handler_not_found":
      return "error";
    default:
      return type satisfies never;
  }
}
