/**
 * Every code an {@link RrqError} can carry. Callers branch on the code; people read the message.
 *
 * | code | meaning |
 * |---|---|
 * | `INVALID_ARGUMENT` | an option or argument is wrong; the message names it and what it takes |
 * | `SCHEMA_MISMATCH` | params or a result do not fit the schema of their job |
 * | `NOT_JSON` | a value that JSON cannot hold: a BigInt, a cycle, NaN, a lone surrogate … |
 * | `TOO_LARGE` | over 16 MiB on the wire |
 * | `TOO_DEEP` | nested over 127 levels on the wire |
 * | `INVALID_FRAME` | bytes on the socket that are no frame of protocol "2" |
 * | `INVALID_CONFIG` | `rrq.toml` or the environment; the message names file, line, key and the likely intention |
 * | `CONFIG_NOT_FOUND` | no `rrq.toml` where one was needed |
 * | `JOB_ID_TAKEN` | another job has this id |
 * | `REDIS_UNAVAILABLE` | Redis cannot be reached, or did not answer in time |
 * | `REDIS_REFUSED` | Redis answered and refused: login, permission, read-only, out of memory |
 * | `REDIS_UNSUPPORTED` | a server, setting or client that RRQ cannot work with |
 * | `WRONG_TYPE` | a key of RRQ's holds another Redis type; nothing was changed |
 * | `CANNOT_LISTEN` | a runner cannot listen at its address: it is taken, or not one of this machine |
 * | `RUNNER_UNAVAILABLE` | no runner process could take the request; the handler was not called |
 * | `RUNNER_BUSY` | the runner refused for want of a slot; the handler was not called |
 * | `RUNNER_LOST` | the runner died or its connection broke while the handler may have run |
 * | `RUNNER_REPLACED` | we ended the runner process because of another request on it |
 * | `RESPONSE_TIMEOUT` | the runner's `response_timeout_seconds` passed without an answer |
 * | `INVALID_RESPONSE` | the runner's answer to this request cannot be used |
 * | `CLOSED` | used after `close()` |
 * | `ABORTED` | the caller's `AbortSignal` fired |
 */
export type RrqErrorCode =
  | "INVALID_ARGUMENT"
  | "SCHEMA_MISMATCH"
  | "NOT_JSON"
  | "TOO_LARGE"
  | "TOO_DEEP"
  | "INVALID_FRAME"
  | "INVALID_CONFIG"
  | "CONFIG_NOT_FOUND"
  | "JOB_ID_TAKEN"
  | "REDIS_UNAVAILABLE"
  | "REDIS_REFUSED"
  | "REDIS_UNSUPPORTED"
  | "WRONG_TYPE"
  | "CANNOT_LISTEN"
  | "RUNNER_UNAVAILABLE"
  | "RUNNER_BUSY"
  | "RUNNER_LOST"
  | "RUNNER_REPLACED"
  | "RESPONSE_TIMEOUT"
  | "INVALID_RESPONSE"
  | "CLOSED"
  | "ABORTED";

/** The one error class that leaves an RRQ package. */
export class RrqError extends Error {
  override readonly name = "RrqError";
  readonly code: RrqErrorCode;

  constructor(code: RrqErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /**
   * Whether `error` is an RRQ error, of `code` if one is given.
   * Works across two copies of this package, where `instanceof` does not.
   */
  static is(error: unknown, code?: RrqErrorCode): error is RrqError {
    return (
      error instanceof Error &&
      error.name === "RrqError" &&
      "code" in error &&
      (code === undefined || error.code === code)
    );
  }
}
