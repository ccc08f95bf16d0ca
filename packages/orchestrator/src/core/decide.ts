import type { ExecutionOutcome, JsonText } from "@rrq/protocol";
import type { ActiveJob } from "./active-job.ts";
import { backoffMs, type BackoffPolicy } from "./backoff.ts";

/** Every way an attempt can end: what the runner said, or why it could say nothing. */
export type Ending =
  | Exclude<ExecutionOutcome, { type: "success" }>
  | { readonly type: "success"; readonly result: JsonText }
  /** The runner died, hung up, broke its answer or took too long over it: the handler may have run. */
  | { readonly type: "runner-lost"; readonly message: string }
  /** No runner took the request: the handler did not run. */
  | { readonly type: "not-started"; readonly message: string }
  /** We ended it: shutdown, a neighbour's overrun, an operator's cancel. */
  | { readonly type: "interrupted"; readonly message: string }
  /** It can never be run: no handler named, or a request that no frame holds. */
  | { readonly type: "unrunnable"; readonly message: string };

/** What becomes of the job. One script in `store/scripts` carries out each kind. */
export type Decision =
  | { readonly kind: "complete"; readonly result: JsonText }
  | { readonly kind: "retry"; readonly runAt: number; readonly message: string }
  | { readonly kind: "dead-letter"; readonly why: DeadLetterReason; readonly message: string }
  /** Back to its queue at once, no attempt spent. A job that somebody asked to cancel ends as CANCELLED instead. */
  | { readonly kind: "release"; readonly message: string };

export type DeadLetterReason = "exhausted" | "timeout" | "no-handler" | "not-retryable" | "unrunnable";

export interface RetryPolicy extends BackoffPolicy {
  /** Retry an attempt that overran its time, as any other failure, instead of dead-lettering the job at once. */
  readonly retryOnTimeout: boolean;
}

type Attempted = Pick<ActiveJob, "retries" | "maxAttempts">;

/**
 * What becomes of a job whose attempt ended at `now` (epoch ms). `random` in [0, 1) spreads retries if the policy has jitter.
 * The texts are upstream's: they become the job's `last_error`.
 */
export function decide(job: Attempted, ending: Ending, policy: RetryPolicy, now: number, random: number): Decision {
  const failed = (message: string, delayMs = backoffMs(job.retries + 1, policy, random)): Decision =>
    job.retries + 1 >= job.maxAttempts
      ? { kind: "dead-letter", why: "exhausted", message }
      : { kind: "retry", runAt: now + delayMs, message };

  switch (ending.type) {
    case "success":
      return { kind: "complete", result: ending.result };
    case "failure":
      return ending.retryable === false
        ? { kind: "dead-letter", why: "not-retryable", message: ending.error.message }
        : failed(ending.error.message);
    case "cancelled": // by nobody on this side, or it would be "interrupted"
      return failed(ending.error.message);
    case "handler_not_found":
      return { kind: "dead-letter", why: "no-handler", message: ending.error.message };
    case "timeout":
      return policy.retryOnTimeout
        ? failed(ending.error.message)
        : { kind: "dead-letter", why: "timeout", message: ending.error.message };
    case "retry_after":
      return failed(
        ending.error?.message ?? "Job requested retry",
        ending.seconds === undefined ? undefined : ending.seconds * 1_000,
      );
    case "runner-lost":
      return failed(`Runner transport error: ${ending.message}`);
    case "not-started":
    case "interrupted":
      return { kind: "release", message: ending.message };
    case "unrunnable":
      return { kind: "dead-letter", why: "unrunnable", message: ending.message };
    default:
      return ending satisfies never;
  }
}
