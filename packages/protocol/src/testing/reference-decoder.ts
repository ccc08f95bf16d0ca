import { JsonText } from "../json-text.ts";
import type { ExecutionOutcome, JobError } from "../outcome.ts";
import { isTimestamp } from "../timestamp.ts";
import type { Message } from "../wire/message.ts";

/*
 * The rules of the protocol once more, as plainly as they can be said, to hold the real decoder against. It shares
 * nothing with that but the reading of times: `JSON.parse` says what is JSON, a list of tokens says what stands where.
 */

interface Json {
  /** As it is written. */
  readonly raw: string;
  /** Of an object, in order, repetitions included. */
  readonly members: readonly (readonly [key: string, value: Json])[] | null;
  /** Containers open at the deepest place. */
  readonly depth: number;
}

type Rule<T> = (value: Json | undefined) => T;

class Refused extends Error {}

/** What a frame says; `null` where its rules are broken. */
export function decodeByTheRules(body: Buffer): Message | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    JSON.parse(text);
    const frame = readTree(text);
    if (frame.depth > 127 || hasLoneSurrogate(text)) return null;
    const type = field(frame, "type", text_());
    const payload = field(frame, "payload", object);
    return decodePayload(type, payload);
  } catch (error) {
    if (error instanceof Refused || error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function decodePayload(type: string, payload: Json): Message {
  switch (type) {
    case "request": {
      const context = field(payload, "context", object);
      return {
        kind: "request",
        protocolVersion: field(payload, "protocol_version", text_("2")),
        request: {
          requestId: field(payload, "request_id", text_()),
          jobId: field(payload, "job_id", text_()),
          functionName: field(payload, "function_name", text_()),
          params: new JsonText(field(payload, "params", (value) => (value === undefined ? "{}" : object(value).raw))),
          context: {
            jobId: field(context, "job_id", text_()),
            attempt: field(context, "attempt", u32),
            enqueueTime: time(field(context, "enqueue_time", text_())),
            queueName: field(context, "queue_name", text_()),
            deadline: field(context, "deadline", nullable((value) => time(text_()(value)))),
            traceContext: field(context, "trace_context", nullable(strings)),
            correlationContext: field(context, "correlation_context", nullable(strings)),
            workerId: field(context, "worker_id", nullable(text_())),
            timeoutMs: lenient(context, "timeout_ms"),
            fence: lenient(context, "fence"),
          },
        },
      };
    }
    case "response":
      return {
        kind: "response",
        jobId: field(payload, "job_id", nullable(text_())),
        requestId: field(payload, "request_id", nullable(text_())),
        outcome: decodeOutcome(payload),
      };
    case "cancel":
      return {
        kind: "cancel",
        protocolVersion: field(payload, "protocol_version", text_("2")),
        jobId: field(payload, "job_id", text_()),
        requestId: field(payload, "request_id", nullable(text_())),
        hardKill: field(payload, "hard_kill", boolean),
      };
    default:
      throw new Refused();
  }
}

function decodeOutcome(payload: Json): ExecutionOutcome {
  const status = field(payload, "status", text_());
  const result = field(payload, "result", (value) => new JsonText(value?.raw ?? "null"));
  const error = field(payload, "error", nullable(decodeError));
  const seconds = field(payload, "retry_after_seconds", nullable(number));
  const type = status === "error" && (error?.type === "cancelled" || error?.type === "handler_not_found") ? error.type : status;
  const still = last(payload, "still_running") === "true" ? ({ stillRunning: true } as const) : {};
  switch (type) {
    case "success":
      return { type, result };
    case "error":
    case "failure": {
      const flag = last(payload, "retryable") === "false" ? ({ retryable: false } as const) : {};
      return { type: "failure", error: error ?? { message: "Job failed" }, ...flag };
    }
    case "handler_not_found":
      return { type, error: error ?? { message: "Handler not found", type } };
    case "timeout":
      return { type, error: error ?? { message: "Job execution timed out", type }, ...still };
    case "cancelled":
      return { type, error: error ?? { message: "Job cancelled", type }, ...still };
    case "retry":
    case "retry_after":
      return { type: "retry_after", ...(seconds === null ? {} : { seconds }), ...(error === null ? {} : { error }) };
    default:
      throw new Refused();
  }
}

function decodeError(value: Json | undefined): JobError {
  const error = object(value);
  const type = field(error, "type", nullable(text_()));
  const code = field(error, "code", nullable(text_()));
  const details = field(error, "details", nullable((one) => new JsonText(one?.raw ?? "")));
  return {
    message: field(error, "message", text_()),
    ...(type === null ? {} : { type }),
    ...(code === null ? {} : { code }),
    ...(details === null ? {} : { details }),
  };
}

/** A known field: at most once. */
function field<T>(object: Json, name: string, rule: Rule<T>): T {
  const found = (object.members ?? []).filter(([key]) => key === name);
  if (found.length > 1) throw new Refused();
  return rule(found[0]?.[1]);
}

/** The text of a field of ours; unknown to others, so the last one counts. */
function last(object: Json, name: string): string | undefined {
  return (object.members ?? []).findLast(([key]) => key === name)?.[1].raw;
}

function lenient(object: Json, name: string): number | null {
  const raw = last(object, name);
  const value: unknown = raw === undefined ? null : JSON.parse(raw);
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

function object(value: Json | undefined): Json {
  if (!value?.members) throw new Refused();
  return value;
}

function text_(missing?: string): Rule<string> {
  return (value) => {
    const text: unknown = value === undefined ? missing : JSON.parse(value.raw);
    if (typeof text !== "string") throw new Refused();
    return text;
  };
}

function boolean(value: Json | undefined): boolean {
  const given: unknown = value === undefined ? false : JSON.parse(value.raw);
  if (typeof given !== "boolean") throw new Refused();
  return given;
}

function number(value: Json | undefined): number {
  const given: unknown = value && JSON.parse(value.raw);
  if (typeof given !== "number" || !Number.isFinite(given)) throw new Refused();
  return given;
}

function u32(value: Json | undefined): number {
  const given = number(value);
  if (String(given) !== value?.raw || given < 0 || given > 2 ** 32 - 1 || !Number.isInteger(given)) throw new Refused();
  return given;
}

function strings(value: Json | undefined): Record<string, string> {
  const given = JSON.parse(object(value).raw) as Record<string, unknown>;
  for (const key in given) if (typeof given[key] !== "string") throw new Refused();
  return given as Record<string, string>;
}

function nullable<T>(rule: Rule<T>): Rule<T | null> {
  return (value) => (value === undefined || value.raw === "null" ? null : rule(value));
}

function time(text: string): string {
  if (!isTimestamp(text)) throw new Refused();
  return text;
}

function hasLoneSurrogate(text: string): boolean {
  const escapes = text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|[^u])/g, (_all, hex: string | undefined) =>
    hex === undefined ? "_" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /\p{Surrogate}/u.test(escapes);
}

/** The tree of a text that is JSON. */
function readTree(text: string): Json {
  const tokens = [...text.matchAll(/[{}[\]:,]|"(?:[^"\\]|\\.)*"|[^\s{}[\]:,"]+/g)];
  let next = 0;
  const take = (): RegExpExecArray => {
    const token = tokens[next];
    if (token === undefined) throw new Refused();
    next += 1;
    return token;
  };
  const peek = (): string | undefined => tokens[next]?.[0];

  const read = (): Json => {
    const first = take();
    const closer = { "{": "}", "[": "]" }[first[0]];
    if (closer === undefined) return { raw: first[0], members: null, depth: 0 };
    const members: [string, Json][] = [];
    let depth = 0;
    while (peek() !== closer) {
      if (peek() === ",") take();
      const key = closer === "}" ? (JSON.parse(take()[0]) as string) : "";
      if (closer === "}") take();
      const value = read();
      depth = Math.max(depth, value.depth);
      members.push([key, value]);
    }
    const raw = text.slice(first.index, take().index + 1);
    return { raw, members: closer === "}" ? members : null, depth: depth + 1 };
  };
  return read();
}
