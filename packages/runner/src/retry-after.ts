/** Registered globally, so that an error made by another copy of this package is known too. */
const RETRY_AFTER = Symbol.for("@rrq/runner/retry-after");
const NON_RETRYABLE = Symbol.for("@rrq/runner/non-retryable");

/** Throw it to have the job run again after `seconds`. Costs an attempt; the last attempt is dead-lettered all the same. */
export class RetryAfter extends Error {
  override readonly name: string = "RetryAfter";
  /** Fractions allowed; 0 or less: at once. */
  readonly seconds: number;

  constructor(seconds: number, message = "Job requested retry", options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, RETRY_AFTER, { value: true });
    this.seconds = seconds;
  }

  static is(error: unknown): error is RetryAfter {
    return error instanceof Error && RETRY_AFTER in error;
  }
}

/**
 * Throw it, or a subclass, when another attempt cannot help: the job goes to the dead-letter queue at once.
 * Upstream's orchestrator does not know it and retries.
 */
export class NonRetryable extends Error {
  override readonly name: string = "NonRetryable";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, NON_RETRYABLE, { value: true });
  }

  static is(error: unknown): error is NonRetryable {
    return error instanceof Error && NON_RETRYABLE in error;
  }
}
