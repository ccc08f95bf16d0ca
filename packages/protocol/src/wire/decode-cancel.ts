import type { Fields } from "./fields.ts";
import type { CancelMessage } from "./message.ts";
import { PROTOCOL_VERSION } from "./protocol.ts";

/** The payload of a `cancel`. Throws an `UnfitField`. */
export function decodeCancel(payload: Fields): CancelMessage {
  return {
    kind: "cancel",
    protocolVersion: payload.string("protocol_version", PROTOCOL_VERSION),
    jobId: payload.string("job_id"),
    requestId: payload.stringOrNull("request_id"),
    hardKill: payload.boolean("hard_kill", false),
  };
}
