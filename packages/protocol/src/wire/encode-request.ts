import { RrqError } from "../errors.ts";
import { MAX_FRAME_BYTES, MAX_VALUE_DEPTH } from "../limits.ts";
import type { ExecutionContext, ExecutionRequest } from "../runner.ts";
import { isTimestamp } from "../timestamp.ts";
import { jsonText } from "../to-json-text.ts";
import { quote, toFrame } from "./frame.ts";
import { MAX_ATTEMPT, PROTOCOL_VERSION } from "./protocol.ts";

/**
 * A `request` frame, header included; the params are spliced in as they are written. Upstream's fields come in its order,
 * absent ones as `null`; `timeout_ms` and `fence`, which only we know, come only when they are there.
 *
 * Throws `NOT_JSON` (also for params that are no object), `TOO_DEEP`, `TOO_LARGE`, or `INVALID_ARGUMENT` for a time or a
 * number that peers would not take: this request cannot be sent, others can.
 */
export function encodeRequest(request: ExecutionRequest): Buffer {
  const params = jsonText(request.params, { what: "params", maxBytes: MAX_FRAME_BYTES, maxDepth: MAX_VALUE_DEPTH }).text;
  if (!params.trimStart().startsWith("{")) throw new RrqError("NOT_JSON", "params must be a JSON object");
  const body =
    `{"type":"request","payload":{"protocol_version":"${PROTOCOL_VERSION}"` +
    `,"request_id":${quote(request.requestId, "request_id")}` +
    `,"job_id":${quote(request.jobId, "job_id")}` +
    `,"function_name":${quote(request.functionName, "function_name")}` +
    `,"params":${params},"context":${contextText(request.context)}}}`;
  return toFrame(body, `the request for job ${request.jobId}`);
}

function contextText(context: ExecutionContext): string {
  return (
    `{"job_id":${quote(context.jobId, "context.job_id")}` +
    `,"attempt":${countText(context.attempt, "attempt", isAttempt)}` +
    `,"enqueue_time":${timeText(context.enqueueTime, "enqueue_time")}` +
    `,"queue_name":${quote(context.queueName, "queue_name")}` +
    `,"deadline":${context.deadline === null ? "null" : timeText(context.deadline, "deadline")}` +
    `,"trace_context":${stringsText(context.traceContext, "trace_context")}` +
    `,"correlation_context":${stringsText(context.correlationContext, "correlation_context")}` +
    `,"worker_id":${context.workerId === null ? "null" : quote(context.workerId, "worker_id")}` +
    (context.timeoutMs === null ? "" : `,"timeout_ms":${countText(context.timeoutMs, "timeout_ms", Number.isFinite)}`) +
    (context.fence === null ? "" : `,"fence":${countText(context.fence, "fence", Number.isSafeInteger)}`) +
    "}"
  );
}

/** Peers hang up on a request whose times or numbers they cannot read, and everything else on that connection is lost. */
function timeText(text: string, what: string): string {
  if (!isTimestamp(text)) throw new RrqError("INVALID_ARGUMENT", `${what} must be an RFC 3339 time with an offset`);
  return quote(text, what);
}

function isAttempt(count: number): boolean {
  return Number.isInteger(count) && count <= MAX_ATTEMPT;
}

function countText(count: number, what: string, isFit: (count: number) => boolean): string {
  if (!isFit(count) || count < 0) throw new RrqError("INVALID_ARGUMENT", `${what} cannot be ${count}`);
  return String(count);
}

function stringsText(strings: Readonly<Record<string, string>> | null, what: string): string {
  return strings === null ? "null" : jsonText(strings, { what }).text;
}
