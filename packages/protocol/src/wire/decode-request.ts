import { JsonText } from "../json-text.ts";
import type { ExecutionContext } from "../runner.ts";
import { isTimestamp } from "../timestamp.ts";
import type { Fields } from "./fields.ts";
import type { RequestMessage } from "./message.ts";
import { MAX_ATTEMPT, PROTOCOL_VERSION } from "./protocol.ts";

/** The payload of a `request`. Throws an `UnfitField`. */
export function decodeRequest(payload: Fields): RequestMessage {
  return {
    kind: "request",
    protocolVersion: payload.string("protocol_version", PROTOCOL_VERSION),
    request: {
      requestId: payload.string("request_id"),
      jobId: payload.string("job_id"),
      functionName: payload.string("function_name"),
      params: readParams(payload),
      context: decodeContext(payload.object("context")),
    },
  };
}

function readParams(payload: Fields): JsonText {
  const raw = payload.raw("params") ?? "{}";
  if (!raw.startsWith("{")) throw payload.mustBe("params", "an object");
  return new JsonText(raw);
}

function decodeContext(context: Fields): ExecutionContext {
  return {
    jobId: context.string("job_id"),
    attempt: readAttempt(context),
    enqueueTime: asTime(context, "enqueue_time", context.string("enqueue_time")),
    queueName: context.string("queue_name"),
    deadline: asTime(context, "deadline", context.stringOrNull("deadline")),
    traceContext: readStrings(context, "trace_context"),
    correlationContext: readStrings(context, "correlation_context"),
    workerId: context.stringOrNull("worker_id"),
    timeoutMs: readExtra(context, "timeout_ms"),
    fence: readExtra(context, "fence"),
  };
}

/** An integer, written as one: upstream refuses `1.0`. */
function readAttempt(context: Fields): number {
  const raw = context.raw("attempt") ?? "";
  if (!/^\d+$/.test(raw) || Number(raw) > MAX_ATTEMPT) throw context.mustBe("attempt", `an integer from 0 to ${MAX_ATTEMPT}`);
  return Number(raw);
}

function asTime<Text extends string | null>(context: Fields, name: string, text: Text): Text {
  if (text !== null && !isTimestamp(text)) throw context.mustBe(name, "an RFC 3339 time with an offset");
  return text;
}

function readStrings(context: Fields, name: string): Record<string, string> | null {
  const raw = context.raw(name) ?? "null";
  const value: unknown = raw.startsWith("{") || raw === "null" ? JSON.parse(raw) : raw;
  if (!isStrings(value)) throw context.mustBe(name, "an object of strings");
  return value;
}

function isStrings(value: unknown): value is Record<string, string> | null {
  return typeof value === "object" && (value === null || Object.values(value).every((one) => typeof one === "string"));
}

/** A field that only we know: to others it may be anything, so what is no such number is as good as absent. */
function readExtra(context: Fields, name: string): number | null {
  const value = Number(context.rawIfAny(name) ?? Number.NaN);
  return Number.isFinite(value) && value >= 0 ? value : null;
}
