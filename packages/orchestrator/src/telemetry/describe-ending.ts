import type { Ending } from "../core/decide.ts";

/** What spans and metrics call the end of an attempt: upstream's words, and `cancelled` for what we broke off. */
export type OutcomeLabel = "success" | "retry" | "timeout" | "error" | "fatal" | "transport_error" | "cancelled";

export interface EndingView {
  readonly outcome: OutcomeLabel;
  readonly message?: string;
  readonly errorType?: string;
  /** Of a retry whose delay the handler named. */
  readonly retryDelayMs?: number;
}

/** The end of an attempt in the words of telemetry. */
export function describeEnding(ending: Ending): EndingView {
  switch (ending.type) {
    case "success":
      return { outcome: "success" };
    case "retry_after":
      return {
        outcome: "retry",
        ...(ending.seconds !== undefined && { retryDelayMs: ending.seconds * 1_000 }),
        ...(ending.error && error(ending.error)),
      };
    case "timeout":
      return { outcome: "timeout", ...error(ending.error) };
    case "failure":
    case "cancelled":
      return { outcome: "error", ...error(ending.error) };
    case "handler_not_found":
      return { outcome: "fatal", ...error(ending.error) };
    case "unrunnable":
      return { outcome: "fatal", message: ending.message };
    case "runner-lost":
    case "not-started":
      return { outcome: "transport_error", message: ending.message };
    case "interrupted":
      return { outcome: "cancelled", message: ending.message };
    default:
      return ending satisfies never;
  }
}

/** Whether an operator would call it a failure. */
export function isFailure(outcome: OutcomeLabel): boolean {
  return outcome !== "success" && outcome !== "retry" && outcome !== "cancelled";
}

function error({ message, type }: { readonly message: string; readonly type?: string }): Pick<EndingView, "message" | "errorType"> {
  return { message, ...(type !== undefined && { errorType: type }) };
}
