import type { ExecutionOutcome } from "../outcome.ts";
import type { ExecutionRequest } from "../runner.ts";

/** A whole frame, header included. Throws `TOO_LARGE`, `TOO_DEEP` or `NOT_JSON`. */
export function encodeRequest(request: ExecutionRequest): Buffer {
  throw new Error(`not written yet: ${request.jobId}`);
}

/** A whole frame, header included. Throws `TOO_LARGE`, `TOO_DEEP` or `NOT_JSON`. */
export function encodeResponse(
  ids: { readonly jobId: string; readonly requestId: string },
  outcome: ExecutionOutcome,
): Buffer {
  throw new Error(`not written yet: ${ids.jobId} ${outcome.type}`);
}

/** A whole frame, header included. Throws `NOT_JSON`. */
export function encodeCancel(cancel: {
  readonly jobId: string;
  readonly requestId: string | null;
  readonly hardKill?: boolean;
}): Buffer {
  throw new Error(`not written yet: ${cancel.jobId}`);
}
