export { MAX_DEPTH, MAX_FRAME_BYTES } from "../limits.ts";
export { isTimestamp, parseTimestamp, type TimestampForm } from "../timestamp.ts";
export { decodeMessage } from "./decode-message.ts";
export { encodeCancel } from "./encode-cancel.ts";
export { encodeRequest } from "./encode-request.ts";
export { encodeResponse } from "./encode-response.ts";
export { FrameReader, type FrameReaderOptions, FramingLostError } from "./frame-reader.ts";
export type {
  CancelMessage,
  InvalidMessage,
  Message,
  MessageType,
  RequestMessage,
  ResponseMessage,
} from "./message.ts";
export { MAX_IN_FLIGHT_PER_CONNECTION, PROTOCOL_VERSION } from "./protocol.ts";
