import type { JsonText } from "./json-text.ts";
import type { ExecutionOutcome } from "./outcome.ts";

/** One attempt of one job, as it is handed to a runner. */
export interface ExecutionRequest {
  /** UUID, fresh for every attempt. */
  readonly requestId: string;
  readonly jobId: string;
  /** Name of the handler, without a `runner#` prefix. */
  readonly functionName: string;
  /** A JSON object. */
  readonly params: JsonText;
  readonly context: ExecutionContext;
}

/** What a handler may know of its attempt. */
export interface ExecutionContext {
  readonly jobId: string;
  /** From 1. */
  readonly attempt: number;
  /** RFC 3339, as it was stored. */
  readonly enqueueTime: string;
  /** Full key of the queue it was claimed from: `rrq:queue:<name>`. */
  readonly queueName: string;
  /** RFC 3339, by the orchestrator's clock; `null` for no limit. */
  readonly deadline: string | null;
  readonly traceContext: Readonly<Record<string, string>> | null;
  readonly correlationContext: Readonly<Record<string, string>> | null;
  readonly workerId: string | null;
  /** Milliseconds the attempt may take from the moment the request is sent; wins over `deadline`. `null` under upstream. */
  readonly timeoutMs: number | null;
  /** Grows with every claim of this job: a handler's own fencing token. `null` under upstream. */
  readonly fence: number | null;
}

/**
 * What executes requests: a pool of socket processes, or handlers in this process.
 *
 * `execute` answers once, however the handler ends. It rejects with an `RrqError` when there is no answer:
 * `RUNNER_UNAVAILABLE`, `RUNNER_BUSY` (the handler was not called), `RUNNER_LOST`, `RUNNER_REPLACED`,
 * `RESPONSE_TIMEOUT`, `INVALID_RESPONSE`, or `ABORTED` if `signal` fired and nothing was sent yet.
 * When `signal` fires later the handler is cancelled, and the outcome is what it answers.
 */
export interface Runner {
  execute(request: ExecutionRequest, signal: AbortSignal): Promise<ExecutionOutcome>;
  /** Requests it could take at this moment, beside those it has; 0 while it cannot be reached. Absent: no limit of its own. */
  freeSlots?(): number;
  /** Calls `listener` whenever `freeSlots()` may have grown. Answers how to stop that. */
  onFreeSlot?(listener: () => void): () => void;
  /** No new work; ends what it opened. Twice is fine. */
  close(): Promise<void>;
}
