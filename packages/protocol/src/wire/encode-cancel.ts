import { quote, toFrame } from "./frame.ts";
import { PROTOCOL_VERSION } from "./protocol.ts";

/** A `cancel` frame, header included: of one request, or of every request of a job. Throws `NOT_JSON` or `TOO_LARGE`. */
export function encodeCancel(cancel: {
  readonly jobId: string;
  /** `null`: every request of that job. */
  readonly requestId: string | null;
  /** Carried for upstream; no runner acts on it. @default false */
  readonly hardKill?: boolean;
}): Buffer {
  const { jobId, requestId, hardKill = false } = cancel;
  const requestField = requestId === null ? "" : `,"request_id":${quote(requestId, "request_id")}`;
  const body =
    `{"type":"cancel","payload":{"protocol_version":"${PROTOCOL_VERSION}"` +
    `,"job_id":${quote(jobId, "job_id")}${requestField},"hard_kill":${hardKill}}}`;
  return toFrame(body, `the cancel of job ${jobId}`);
}
