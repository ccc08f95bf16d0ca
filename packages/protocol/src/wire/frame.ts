import { RrqError } from "../errors.ts";
import { MAX_FRAME_BYTES } from "../limits.ts";
import { tooLarge } from "../to-json-text.ts";

/** Bytes before each body: its length, big-endian. */
export const HEADER_BYTES = 4;

/** A frame around `body`. Throws `TOO_LARGE`; `what` names it there. */
export function toFrame(body: string, what: string): Buffer {
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_FRAME_BYTES) throw tooLarge(bytes, MAX_FRAME_BYTES, what);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  frame.writeUInt32BE(bytes, 0);
  frame.write(body, HEADER_BYTES);
  return frame;
}

/** `text` as a JSON string. Throws `NOT_JSON` for half of a surrogate pair, or `TOO_LARGE`; `what` names it there. */
export function quote(text: string, what: string): string {
  if (text.length > MAX_FRAME_BYTES) throw tooLarge(text.length, MAX_FRAME_BYTES, what);
  if (!text.isWellFormed()) {
    throw new RrqError("NOT_JSON", `${what} holds half of a surrogate pair, which is no character`);
  }
  return JSON.stringify(text);
}
