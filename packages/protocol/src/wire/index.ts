export { MAX_DEPTH, MAX_FRAME_BYTES } from "../limits.ts";
export { isTimestamp, parseTimestamp } from "../timestamp.ts";
export { encodeCancel, encodeRequest, encodeResponse } from "./encode.ts";
export { FrameReader } from "./frame-reader.ts";
export { decodeMessage, type Message } from "./message.ts";
export { MAX_IN_FLIGHT_PER_CONNECTION, PROTOCOL_VERSION } from "./protocol.ts";
