import { type ExecutionOutcome, type ExecutionRequest, outcome } from "@rrq/protocol";
import { decodeMessage, PROTOCOL_VERSION } from "@rrq/protocol/wire";
import type { JobContext } from "./job-context.ts";

/** A request in the form, and with the names, of upstream's TypeScript runner. Times are the texts that were sent. */
export interface RawRequest {
  readonly protocol_version: string;
  readonly request_id: string;
  readonly job_id: string;
  readonly function_name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly context: {
    readonly job_id: string;
    readonly attempt: number;
    readonly enqueue_time: string;
    readonly queue_name: string;
    readonly deadline: string | null;
    readonly trace_context: Readonly<Record<string, string>> | null;
    readonly correlation_context: Readonly<Record<string, string>> | null;
    readonly worker_id: string | null;
  };
}

/**
 * A handler in the form of upstream's TypeScript runner. Beside all that other handlers may return, it may return upstream's
 * outcome object: `{ job_id, request_id, status, … }` with the ids of its own request, or empty ones.
 */
export type RawHandler = (request: RawRequest, signal: AbortSignal) => unknown;

/** Calls `handler` in upstream's form. */
export async function callRaw(
  handler: RawHandler,
  params: Readonly<Record<string, unknown>>,
  ctx: JobContext,
  request: ExecutionRequest,
): Promise<unknown> {
  const returned = await handler(toRawRequest(params, request), ctx.signal);
  return isUpstreamOutcome(returned, request) ? fromUpstreamOutcome(returned, request.functionName) : returned;
}

function toRawRequest(params: Readonly<Record<string, unknown>>, request: ExecutionRequest): RawRequest {
  const { context } = request;
  return {
    protocol_version: PROTOCOL_VERSION,
    request_id: request.requestId,
    job_id: request.jobId,
    function_name: request.functionName,
    params,
    context: {
      job_id: context.jobId,
      attempt: context.attempt,
      enqueue_time: context.enqueueTime,
      queue_name: context.queueName,
      deadline: context.deadline,
      trace_context: context.traceContext,
      correlation_context: context.correlationContext,
      worker_id: context.workerId,
    },
  };
}

/**
 * Upstream takes any object with these three keys for an outcome. One that names another job is a result here:
 * a handler may well return what it knows of some job.
 */
function isUpstreamOutcome(value: unknown, { jobId, requestId }: ExecutionRequest): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (!("status" in value && "job_id" in value && "request_id" in value) || typeof value.status !== "string") return false;
  const isOwnOrEmpty = (id: unknown, own: string): boolean => id === own || id === "" || id === null || id === undefined;
  return isOwnOrEmpty(value.job_id, jobId) && isOwnOrEmpty(value.request_id, requestId);
}

/** Reads it as the orchestrator would have. Throws where that would have failed. */
function fromUpstreamOutcome(value: object, functionName: string): ExecutionOutcome {
  const message = decodeMessage(Buffer.from(JSON.stringify({ type: "response", payload: value })));
  if (message.kind !== "response") {
    const reason = message.kind === "invalid" ? message.reason : message.kind;
    throw new TypeError(`Handler returned an outcome that no orchestrator can read: ${reason}`);
  }
  const given = message.outcome;
  switch (given.type) {
    case "success":
      return outcome.success(given.result);
    case "failure":
      return outcome.failure(given.error, { retryable: given.retryable !== false });
    case "handler_not_found":
      return outcome.handlerNotFound(functionName);
    case "timeout":
      return outcome.timeout(given.error.message);
    case "cancelled":
      return outcome.cancelled(given.error.message);
    case "retry_after":
      return outcome.retryAfter(given.seconds, given.error);
    default:
      return given satisfies never;
  }
}
