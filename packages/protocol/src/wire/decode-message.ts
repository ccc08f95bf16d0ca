import { JsonScan, JsonSyntaxError } from "../json-scan.ts";
import { MAX_DEPTH } from "../limits.ts";
import { decodeCancel } from "./decode-cancel.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { Fields, type Shape, UnfitField } from "./fields.ts";
import type { Message, MessageType } from "./message.ts";

/** The fields of all three messages. Who reads one asks for its own. */
const FRAME = shape(["type"], {
  payload: shape(
    [
      "protocol_version",
      "request_id",
      "job_id",
      "function_name",
      "params",
      "status",
      "result",
      "retry_after_seconds",
      "retryable",
      "still_running",
      "hard_kill",
    ],
    {
      context: shape([
        "job_id",
        "attempt",
        "enqueue_time",
        "queue_name",
        "deadline",
        "trace_context",
        "correlation_context",
        "worker_id",
        "timeout_ms",
        "fence",
      ]),
      error: shape(["message", "type", "code", "details"]),
    },
  ),
});

const decoders: Readonly<Record<MessageType, (payload: Fields) => Message>> = {
  request: decodeRequest,
  response: decodeResponse,
  cancel: decodeCancel,
};

/**
 * Reads the body of a frame: strict about what upstream's decoder is strict about, lenient where it is. Never throws.
 * `params`, `result` and `error.details` stay the text that they came in.
 */
export function decodeMessage(body: Buffer): Message {
  const { text, isUtf8 } = decodeText(body);
  const scan = new JsonScan(text, MAX_DEPTH);
  const frame = new Fields(scan, "");
  const reason = readFrame(scan, frame) ?? (isUtf8 ? null : "bytes that are no UTF-8");
  if (reason !== null) return invalid(frame, reason);
  try {
    const type = frame.string("type");
    if (!isType(type)) return invalid(frame, "type must be request, response or cancel");
    return decoders[type](frame.object("payload"));
  } catch (error) {
    if (error instanceof UnfitField) return invalid(frame, error.message);
    throw error;
  }
}

/** Answers what is wrong with the text, or `null`. What could be read is in `frame` either way. */
function readFrame(scan: JsonScan, frame: Fields): string | null {
  try {
    const start = scan.blank(0);
    if (scan.text[start] !== "{") return "no JSON object";
    const end = scan.blank(frame.read(start, 0, FRAME));
    if (end < scan.text.length) throw scan.fault(end);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    if (scan.tooDeepAt < 0) return error.message;
  }
  if (scan.tooDeepAt >= 0) return `nested over ${MAX_DEPTH} levels`;
  if (scan.loneSurrogateAt >= 0) return `half of a surrogate pair at character ${scan.loneSurrogateAt}`;
  return null;
}

/** A byte order mark is no white space to JSON, so it is kept. */
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(body: Buffer): { text: string; isUtf8: boolean } {
  try {
    return { text: strictUtf8.decode(body), isUtf8: true };
  } catch {
    return { text: body.toString("utf8"), isUtf8: false };
  }
}

function invalid(frame: Fields, reason: string): Message {
  const type = frame.stringIfAny("type");
  const payload = frame.objectIfAny("payload");
  return {
    kind: "invalid",
    type: isType(type) ? type : null,
    reason,
    jobId: payload?.stringIfAny("job_id") ?? null,
    requestId: payload?.stringIfAny("request_id") ?? null,
  };
}

function isType(text: string | null): text is MessageType {
  return text !== null && Object.hasOwn(decoders, text);
}

function shape(keys: readonly string[], inner: Readonly<Record<string, Shape>> = {}): Shape {
  return new Map<string, Shape | null>([...keys.map((key) => [key, null] as const), ...Object.entries(inner)]);
}
