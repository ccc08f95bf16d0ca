/** Why an attempt did not succeed. Strings only, but `details`, which is any JSON value. */
export interface JobError {
  readonly message: string;
  /** A name to branch on. `handler_not_found`, `timeout` and `cancelled` are reserved. */
  readonly type?: string;
  readonly code?: string;
  readonly details?: unknown;
}

/**
 * How the execution of one request ended, as the runner tells it. On the wire these six become upstream's
 * four statuses. `result` and `error.details` are any JSON value, or a {@link JsonText}.
 */
export type ExecutionOutcome =
  | { readonly type: "success"; readonly result: unknown }
  | { readonly type: "failure"; readonly error: JobError; readonly retryable?: false }
  | { readonly type: "handler_not_found"; readonly error: JobError }
  | { readonly type: "timeout"; readonly error: JobError; readonly stillRunning?: true }
  | { readonly type: "cancelled"; readonly error: JobError; readonly stillRunning?: true }
  | { readonly type: "retry_after"; readonly seconds?: number; readonly error?: JobError };

type Outcome<Type extends ExecutionOutcome["type"]> = Extract<ExecutionOutcome, { type: Type }>;

/** Registered globally, so that an outcome made by another copy of this package is known too. */
const MARK = Symbol.for("@rrq/protocol/outcome");

function mark<T extends ExecutionOutcome>(value: T): T {
  return Object.freeze(Object.defineProperty(value, MARK, { value: true }));
}

function toJobError(error: string | JobError, type?: string): JobError {
  const given = typeof error === "string" ? { message: error } : error;
  return type === undefined ? given : { ...given, type };
}

/** Makes the outcomes that a handler may return. Only values made here are taken for outcomes. */
export const outcome = {
  /** The job is done; `result` is kept for its result TTL. */
  success: (result: unknown = null): Outcome<"success"> => mark({ type: "success", result }),
  /** The attempt failed; the job is retried with back-off while it has attempts left. */
  failure: (error: string | JobError, options: { retryable?: boolean } = {}): Outcome<"failure"> =>
    mark({ type: "failure", error: toJobError(error), ...(options.retryable === false ? { retryable: false } : {}) }),
  /** No such handler here; the job goes to the dead-letter queue. */
  handlerNotFound: (functionName: string): Outcome<"handler_not_found"> =>
    mark({
      type: "handler_not_found",
      error: toJobError(`No handler registered for function '${functionName}'`, "handler_not_found"),
    }),
  /** The attempt overran its time. */
  timeout: (message = "Job execution timed out", options: { stillRunning?: boolean } = {}): Outcome<"timeout"> =>
    mark({ type: "timeout", error: toJobError(message, "timeout"), ...(options.stillRunning ? { stillRunning: true } : {}) }),
  /** The attempt was cancelled. */
  cancelled: (message = "Job cancelled", options: { stillRunning?: boolean } = {}): Outcome<"cancelled"> =>
    mark({ type: "cancelled", error: toJobError(message, "cancelled"), ...(options.stillRunning ? { stillRunning: true } : {}) }),
  /** Try again after `seconds` (fractions allowed, 0 or less at once; absent: the back-off). Costs an attempt. */
  retryAfter: (seconds?: number, error?: string | JobError): Outcome<"retry_after"> =>
    mark({
      type: "retry_after",
      ...(seconds === undefined ? {} : { seconds }),
      ...(error === undefined ? {} : { error: toJobError(error) }),
    }),
} as const;

/** Whether `value` was made by {@link outcome}. A plain object that merely looks like one is a result. */
export function isOutcome(value: unknown): value is ExecutionOutcome {
  return typeof value === "object" && value !== null && MARK in value;
}
