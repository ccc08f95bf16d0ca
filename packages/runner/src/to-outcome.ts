import { type ExecutionOutcome, isOutcome, type JobError, outcome } from "@rrq/protocol";
import type { AbortReason } from "./abort-reasons.ts";
import { describeError } from "./describe-error.ts";
import { NonRetryable, RetryAfter } from "./retry-after.ts";

/** How a handler came to its end, or that its end was not waited for. */
export type Ending =
  | { readonly how: "returned"; readonly value: unknown }
  | { readonly how: "thrown"; readonly error: unknown }
  | { readonly how: "aborted"; readonly reason: AbortReason; readonly stillRunning: boolean };

/** What goes over the wire. The only place that says what a returned or thrown value means. Never throws. */
export function toOutcome(ending: Ending): ExecutionOutcome {
  switch (ending.how) {
    case "returned":
      return returned(ending.value);
    case "thrown":
      return thrown(ending.error);
    case "aborted":
      return aborted(ending.reason, ending.stillRunning);
    default:
      return ending satisfies never;
  }
}

/** The outcome in place of one that cannot be sent, which `error` tells: not JSON, too large, too deep. */
export function unsendable(error: unknown): ExecutionOutcome {
  return outcome.failure(describeError(error));
}

function returned(value: unknown): ExecutionOutcome {
  try {
    return isOutcome(value) ? wellFormed(value) : outcome.success(value);
  } catch (error) {
    // A proxy may throw at the mere question what it is.
    return outcome.failure(describeError(error));
  }
}

function thrown(error: unknown): ExecutionOutcome {
  try {
    if (RetryAfter.is(error)) return outcome.retryAfter(finite(error.seconds), { message: String(error.message) });
    return outcome.failure(describeError(error), { retryable: !NonRetryable.is(error) });
  } catch {
    return outcome.failure(describeError(error));
  }
}

function aborted({ kind, message }: AbortReason, stillRunning: boolean): ExecutionOutcome {
  return kind === "deadline-exceeded"
    ? outcome.timeout(message, { stillRunning })
    : outcome.cancelled(message, { stillRunning });
}

/** `given` with what its type promises: handlers in plain JavaScript put anything in. */
function wellFormed(given: ExecutionOutcome): ExecutionOutcome {
  switch (given.type) {
    case "success":
    case "handler_not_found":
      return given;
    case "failure":
      return outcome.failure(toJobError(given.error), { retryable: given.retryable !== false });
    case "timeout":
      return outcome.timeout(toJobError(given.error).message);
    case "cancelled":
      return outcome.cancelled(toJobError(given.error).message);
    case "retry_after":
      return outcome.retryAfter(finite(given.seconds), given.error === undefined ? undefined : toJobError(given.error));
    default:
      return outcome.failure(`Handler returned an outcome of unknown type: ${String((given as { type: unknown }).type)}`);
  }
}

/** An `Error` fits the type of a job's error too; then its name, code and stack are wanted. */
function toJobError(given: JobError): JobError {
  if (given instanceof Error) return describeError(given);
  const { message, type, code, details } = given;
  return {
    message: String(message),
    ...(typeof type === "string" ? { type } : {}),
    ...(typeof code === "string" ? { code } : {}),
    ...(details === undefined ? {} : { details }),
  };
}

/** A delay that is no number leaves the back-off to decide. */
function finite(seconds: number | undefined): number | undefined {
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds : undefined;
}
