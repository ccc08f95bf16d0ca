import { JsonText } from "../json-text.ts";
import type { ExecutionOutcome, JobError } from "../outcome.ts";
import type { Fields } from "./fields.ts";
import type { ResponseMessage } from "./message.ts";

/** The payload of a `response`. Throws an `UnfitField`. */
export function decodeResponse(payload: Fields): ResponseMessage {
  return {
    kind: "response",
    jobId: payload.stringOrNull("job_id"),
    requestId: payload.stringOrNull("request_id"),
    outcome: decodeOutcome(payload),
  };
}

/**
 * Upstream's four statuses, and the names of our six outcomes from a runner that takes them for statuses.
 * Every known field is read whatever the status: upstream refuses the frame if one of them is malformed.
 */
function decodeOutcome(payload: Fields): ExecutionOutcome {
  const status = payload.string("status");
  const result = payload.json("result") ?? new JsonText("null");
  const errorFields = payload.objectOrNull("error");
  const error = errorFields && decodeError(errorFields);
  const seconds = payload.numberOrNull("retry_after_seconds");

  switch (status === "error" ? outcomeOfError(error) : status) {
    case "success":
      return { type: "success", result };
    case "failure": {
      const retryable = payload.rawIfAny("retryable") === "false" ? ({ retryable: false } as const) : {};
      return { type: "failure", error: error ?? { message: "Job failed" }, ...retryable };
    }
    case "handler_not_found":
      return { type: "handler_not_found", error: error ?? { message: "Handler not found", type: "handler_not_found" } };
    case "timeout":
      return { type: "timeout", error: error ?? { message: "Job execution timed out", type: "timeout" }, ...stillRunning(payload) };
    case "cancelled":
      return { type: "cancelled", error: error ?? { message: "Job cancelled", type: "cancelled" }, ...stillRunning(payload) };
    case "retry":
    case "retry_after":
      return { type: "retry_after", ...(seconds === null ? {} : { seconds }), ...(error === null ? {} : { error }) };
    default:
      throw payload.mustBe("status", "success, retry, timeout or error");
  }
}

/** What a reserved type makes of `status: "error"`. */
function outcomeOfError(error: JobError | null): "failure" | "handler_not_found" | "cancelled" {
  return error?.type === "handler_not_found" || error?.type === "cancelled" ? error.type : "failure";
}

/** A field that only we know: to others it may be anything. */
function stillRunning(payload: Fields): { stillRunning?: true } {
  return payload.rawIfAny("still_running") === "true" ? { stillRunning: true } : {};
}

function decodeError(error: Fields): JobError {
  const message = error.string("message");
  const type = error.stringOrNull("type");
  const code = error.stringOrNull("code");
  const details = error.json("details");
  return {
    message,
    ...(type === null ? {} : { type }),
    ...(code === null ? {} : { code }),
    ...(details === null || details.text === "null" ? {} : { details }),
  };
}
