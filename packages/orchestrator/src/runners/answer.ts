import type { ExecutionOutcome } from "@rrq/protocol";
import type { Message } from "@rrq/protocol/wire";
import type { LogFields } from "../log.ts";

interface Asked {
  readonly requestId: string;
  readonly jobId: string;
}

/** What a frame from a runner means to the requests that are in flight on its connection. */
export type Answer<R extends Asked> =
  | { readonly kind: "outcome"; readonly request: R; readonly outcome: ExecutionOutcome }
  /** The runner has no slot for it; the handler was not called. */
  | { readonly kind: "busy"; readonly request: R; readonly message: string }
  /** It was meant for this request, and cannot be used. */
  | { readonly kind: "unusable"; readonly request: R; readonly message: string }
  /** It is nobody's: to be logged and dropped. */
  | { readonly kind: "stray"; readonly message: string; readonly fields: LogFields };

/** Logged for an answer that nobody waits for: late, double or foreign. */
export const NOT_PENDING = "runner outcome request_id not found in pending map";

/** What every upstream runner says, without a type, to a request over its limit. */
const BUSY = "Runner busy: too many in-flight requests";

/** Finds whose answer a message is. The texts are upstream's, and end up in `last_error` of the job. */
export function readAnswer<R extends Asked>(message: Message, inFlight: ReadonlyMap<string, R>): Answer<R> {
  if (message.kind === "request" || message.kind === "cancel") {
    return { kind: "stray", message: "unexpected runner message on persistent channel", fields: { type: message.kind } };
  }
  const { requestId, jobId } = message;
  const request = requestId === null ? theOnlyOne(jobId, inFlight) : inFlight.get(requestId);
  if (request === undefined) {
    if (message.kind === "invalid") return { kind: "stray", message: "runner message cannot be read", fields: { reason: message.reason } };
    return requestId === null
      ? { kind: "stray", message: "runner outcome missing request_id", fields: { pending: inFlight.size } }
      : { kind: "stray", message: NOT_PENDING, fields: { request_id: requestId } };
  }
  if (message.kind === "invalid") {
    return { kind: "unusable", request, message: `runner message cannot be read: ${message.reason}` };
  }
  if (requestId === null) {
    return { kind: "unusable", request, message: `runner outcome missing request_id (expected ${request.requestId})` };
  }
  if (jobId !== request.jobId) {
    const got = jobId === null ? "None" : `Some(${JSON.stringify(jobId)})`;
    return { kind: "unusable", request, message: `runner outcome job_id mismatch (expected ${request.jobId}, got ${got})` };
  }
  const { outcome } = message;
  return outcome.type === "failure" && outcome.error.type === undefined && outcome.error.message === BUSY
    ? { kind: "busy", request, message: BUSY }
    : { kind: "outcome", request, outcome };
}

/** The request that an answer without a request id must be for: the only one of its job, or the only one there is. */
function theOnlyOne<R extends Asked>(jobId: string | null, inFlight: ReadonlyMap<string, R>): R | undefined {
  const candidates = [...inFlight.values()].filter((request) => jobId === null || request.jobId === jobId);
  return candidates.length === 1 ? candidates[0] : undefined;
}
