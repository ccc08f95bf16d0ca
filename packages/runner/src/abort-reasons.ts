/**
 * Why a handler's signal fired. `signal.reason` is {@link DEADLINE_EXCEEDED}, {@link CANCELLED} or {@link SHUTTING_DOWN};
 * libraries that reject with the reason of a signal see an ordinary `AbortError`.
 */
export class AbortReason extends Error {
  override readonly name = "AbortError";
  readonly kind: "deadline-exceeded" | "cancelled" | "shutting-down";

  constructor(kind: AbortReason["kind"], message: string) {
    super(message);
    this.kind = kind;
    // The place where a constant was made tells nobody anything.
    this.stack = `AbortError: ${message}`;
  }
}

/** The attempt used up its time. It is answered as a timeout. */
export const DEADLINE_EXCEEDED = new AbortReason("deadline-exceeded", "Job execution timed out");

/** Somebody cancelled the job, or the connection it came in on is gone. It is answered as cancelled. */
export const CANCELLED = new AbortReason("cancelled", "Job cancelled");

/** The runner ends and its grace is over. It is answered as cancelled; the job's back-off decides when it runs again. */
export const SHUTTING_DOWN = new AbortReason("shutting-down", "Runner is shutting down");
