import { RrqError } from "../errors.ts";
import { MAX_DEPTH, MAX_FRAME_BYTES, MAX_VALUE_DEPTH } from "../limits.ts";
import type { ExecutionOutcome, JobError } from "../outcome.ts";
import { jsonText } from "../to-json-text.ts";
import { quote, toFrame } from "./frame.ts";

/**
 * A `response` frame, header included, with one of upstream's four statuses. The ids are those of the request;
 * without `requestId` (`null`) it answers a frame that was none.
 * `retryable: false` and `still_running: true` are ours; upstream does not look at them.
 *
 * Throws `NOT_JSON`, `TOO_DEEP` or `TOO_LARGE` when the outcome cannot be sent: send a failure with that message instead.
 */
export function encodeResponse(
  ids: { readonly jobId: string; readonly requestId: string | null },
  outcome: ExecutionOutcome,
): Buffer {
  const body =
    `{"type":"response","payload":{"job_id":${quote(ids.jobId, "job_id")}` +
    (ids.requestId === null ? "" : `,"request_id":${quote(ids.requestId, "request_id")}`) +
    `,${outcomeText(outcome)}}}`;
  return toFrame(body, `the response for job ${ids.jobId}`);
}

function outcomeText(outcome: ExecutionOutcome): string {
  switch (outcome.type) {
    case "success":
      return `"status":"success","result":${valueText(outcome.result, "result", MAX_VALUE_DEPTH)}`;
    case "failure":
      return `"status":"error","error":${errorText(outcome.error)}${outcome.retryable === false ? ',"retryable":false' : ""}`;
    case "handler_not_found":
      return `"status":"error","error":${errorText(outcome.error, "handler_not_found")}`;
    case "timeout":
      return `"status":"timeout","error":${errorText(outcome.error, "timeout")}${stillRunning(outcome)}`;
    case "cancelled":
      return `"status":"error","error":${errorText(outcome.error, "cancelled")}${stillRunning(outcome)}`;
    case "retry_after":
      return `"status":"retry"${outcome.error ? `,"error":${errorText(outcome.error)}` : ""}${secondsField(outcome.seconds)}`;
    default:
      return outcome satisfies never;
  }
}

function stillRunning(outcome: { readonly stillRunning?: true }): string {
  return outcome.stillRunning ? ',"still_running":true' : "";
}

function secondsField(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  if (Number.isFinite(seconds)) return `,"retry_after_seconds":${seconds}`;
  throw new RrqError("NOT_JSON", `seconds of a retry must be a finite number, not ${seconds}`);
}

/** `reserved`: the type that makes the outcome what it is. No other outcome may bear one, or it would be taken for that. */
function errorText(error: JobError, reserved?: "handler_not_found" | "timeout" | "cancelled"): string {
  const own = error.type === "handler_not_found" || error.type === "cancelled" ? undefined : error.type;
  const type = reserved ?? own;
  const details = error.details ?? null;
  return (
    `{"message":${textForPeople(error.message, "error.message")}` +
    (type === undefined ? "" : `,"type":${textForPeople(type, "error.type")}`) +
    (error.code === undefined ? "" : `,"code":${textForPeople(error.code, "error.code")}`) +
    (details === null ? "" : `,"details":${valueText(details, "error.details", MAX_DEPTH - 3)}`) +
    "}"
  );
}

/** A broken character is no reason to lose an error. */
function textForPeople(text: string, what: string): string {
  return quote(text.toWellFormed(), what);
}

function valueText(value: unknown, what: string, maxDepth: number): string {
  return jsonText(value ?? null, { what, maxBytes: MAX_FRAME_BYTES, maxDepth }).text;
}
