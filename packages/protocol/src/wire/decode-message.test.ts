import { describe, expect, test } from "vitest";
import { JsonText } from "../json-text.ts";
import type { ExecutionOutcome } from "../outcome.ts";
import type { ExecutionContext } from "../runner.ts";
import { goldenFrames, type GoldenName } from "../testing/golden-frames.ts";
import { decodeMessage } from "./decode-message.ts";
import type { Message } from "./message.ts";

const decode = (body: string): Message => decodeMessage(Buffer.from(body));

const MINIMAL_CONTEXT = { job_id: "job-1", attempt: 1, enqueue_time: "2025-01-01T12:00:00Z", queue_name: "rrq:queue:default" };

/** A request with `changes` to its payload and `context` to its context; `undefined` takes a key away. */
function requestBody(changes: object = {}, context: object = {}): string {
  const payload = { request_id: "req-1", job_id: "job-1", function_name: "echo", context: { ...MINIMAL_CONTEXT, ...context } };
  return JSON.stringify({ type: "request", payload: { ...payload, ...changes } });
}

function responseBody(changes: object): string {
  return JSON.stringify({ type: "response", payload: { job_id: "job-1", request_id: "req-1", ...changes } });
}

function cancelBody(changes: object = {}): string {
  return JSON.stringify({ type: "cancel", payload: { job_id: "job-1", ...changes } });
}

const CONTEXT: ExecutionContext = {
  jobId: "job-1",
  attempt: 1,
  enqueueTime: "2025-01-01T12:00:00Z",
  queueName: "rrq:queue:default",
  deadline: null,
  traceContext: null,
  correlationContext: null,
  workerId: null,
  timeoutMs: null,
  fence: null,
};

function request(changes: object = {}, context: Partial<ExecutionContext> = {}): Message {
  const base = { requestId: "req-1", jobId: "job-1", functionName: "echo", params: new JsonText("{}") };
  return { kind: "request", protocolVersion: "2", request: { ...base, context: { ...CONTEXT, ...context }, ...changes } };
}

function response(outcome: ExecutionOutcome, ids: object = {}): Message {
  return { kind: "response", jobId: "job-1", requestId: "req-1", outcome, ...ids };
}

function invalid(type: "request" | "response" | "cancel" | null, reason: RegExp | string, ids: object = {}): unknown {
  const text: unknown = typeof reason === "string" ? reason : expect.stringMatching(reason);
  return { kind: "invalid", type, reason: text, jobId: "job-1", requestId: "req-1", ...ids };
}

const NO_IDS = { jobId: null, requestId: null };

describe("[wire §11.1, §11.2, §11.3, §11.4, §11.5] every example of the specification", () => {
  const success = { type: "success", result: new JsonText('{"ok":true}') } as const;
  const cancel = { kind: "cancel", protocolVersion: "2", jobId: "job-1", requestId: null, hardKill: false } as const;

  test.each<[GoldenName, Message]>([
    [
      "request-full",
      request(
        {
          requestId: "0b0f6f0e-2f0a-4a53-9d0a-0f5d7c3e1a11",
          jobId: "6f1c2b7e-8d4c-4b1b-a5a1-1c2d3e4f5a6b",
          functionName: "send_email",
          params: new JsonText('{"to":"a@example.com","count":3,"ratio":0.5,"nested":{"k":[1,null,true]}}'),
        },
        {
          jobId: "6f1c2b7e-8d4c-4b1b-a5a1-1c2d3e4f5a6b",
          enqueueTime: "2025-01-01T12:00:00.123456789Z",
          deadline: "2099-01-01T12:05:00.250Z",
          traceContext: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
          correlationContext: { tenant_id: "t-1" },
          workerId: "rrq_worker_4242_a1b2c3",
        },
      ),
    ],
    ["request-0914", request({}, { attempt: 2, queueName: "default", workerId: "rrq_worker_1_abcdef" })],
    ["request-min", request()],
    ["response-success", response(success)],
    ["response-success-null", response({ type: "success", result: new JsonText("null") })],
    ["response-success-python-style", response({ type: "success", result: new JsonText('{"ok": true}') })],
    ["response-failure", response({ type: "failure", error: { message: "boom" } })],
    [
      "response-failure-detailed",
      response({
        type: "failure",
        error: { message: "card declined", type: "PaymentError", code: "card_declined", details: new JsonText('{"attempt":1}') },
      }),
    ],
    ["response-failure-nulls", response({ type: "failure", error: { message: "boom" } })],
    [
      "response-handler-not-found",
      response({
        type: "handler_not_found",
        error: { message: "No handler registered for function 'nope'", type: "handler_not_found" },
      }),
    ],
    ["response-timeout", response({ type: "timeout", error: { message: "Job execution timed out", type: "timeout" } })],
    ["response-cancelled", response({ type: "cancelled", error: { message: "Job cancelled", type: "cancelled" } })],
    ["response-retry-after", response({ type: "retry_after", seconds: 60, error: { message: "rate limited" } })],
    ["response-retry-default-delay", response({ type: "retry_after", error: { message: "try later" } })],
    [
      "response-busy",
      response({ type: "failure", error: { message: "Runner busy: too many in-flight requests" } }, { requestId: "req-65" }),
    ],
    ["cancel-request", { ...cancel, requestId: "req-1" }],
    ["cancel-job", cancel],
    ["cancel-job-null-request", cancel],
  ])("%s", (name, message) => {
    expect(decode(goldenFrames[name])).toEqual(message);
  });

  test("the table above misses none", () => {
    expect(Object.keys(goldenFrames)).toHaveLength(18);
  });
});

describe("[wire §11.7] what upstream's strict decoder refuses, but for the names of our outcomes", () => {
  const job = { jobId: "j", requestId: null };
  test.each<[body: string, message: unknown]>([
    ['{"type":"response","payload":{"job_id":"j","request_id":"r","status":"cancelled"}}', { kind: "response", jobId: "j", requestId: "r", outcome: { type: "cancelled", error: { message: "Job cancelled", type: "cancelled" } } }],
    ['{"type":"response","payload":{"job_id":"j","request_id":"r","status":"done"}}', invalid("response", /^payload\.status must be/, { jobId: "j", requestId: "r" })],
    ['{"type":"response","payload":{"job_id":"j","request_id":"r","status":"error","error":{"type":"t"}}}', invalid("response", "payload.error.message is missing; it must be a string", { jobId: "j", requestId: "r" })],
    ['{"type":"response","payload":{"status":"retry","retry_after_seconds":"5"}}', invalid("response", "payload.retry_after_seconds must be a number", NO_IDS)],
    ['{"type":"ping","payload":{}}', invalid(null, /^type must be/, NO_IDS)],
    ['{"type":"cancel","payload":{"request_id":"r"}}', invalid("cancel", "payload.job_id is missing; it must be a string", { jobId: null, requestId: "r" })],
    ['{"type":"cancel","payload":{"job_id":"j","hard_kill":null}}', invalid("cancel", "payload.hard_kill must be a boolean", job)],
    ['{"type":"cancel","payload":{"job_id":"a","job_id":"b"}}', invalid("cancel", "payload.job_id comes twice", NO_IDS)],
    ['{"type":"request"}', invalid("request", "payload is missing; it must be an object", NO_IDS)],
    [requestBody({}, { enqueue_time: "2025-01-01T12:00:00" }), invalid("request", /^payload\.context\.enqueue_time must be an RFC 3339 time/)],
  ])("%s", (body, message) => {
    expect(decode(body)).toEqual(message);
  });
});

describe("[wire §2] the envelope", () => {
  test.each<[string, string, unknown]>([
    ["the payload may come first", '{"payload":{"job_id":"job-1"},"type":"cancel"}', { kind: "cancel" }],
    ["other keys are ignored", '{"v":[1],"type":"cancel","payload":{"job_id":"job-1"},"v":2}', { kind: "cancel" }],
    ["white space is ignored", ' {\n"type" :\t"cancel" , "payload" : { "job_id" : "job-1" } } \r\n', { kind: "cancel" }],
    ["keys and values may be escaped", String.raw`{"\u0074ype":"c\u0061ncel","payload":{"job\u005fid":"job-1"}}`, { kind: "cancel", jobId: "job-1" }],
    ["the type is case-sensitive", '{"type":"Cancel","payload":{"job_id":"job-1"}}', { kind: "invalid", type: null }],
    ["the type is no name of Object.prototype", '{"type":"constructor","payload":{}}', { kind: "invalid", type: null }],
    ["the type must be there", '{"payload":{"job_id":"job-1"}}', { kind: "invalid", type: null, jobId: "job-1" }],
    ["the type must be a string", '{"type":5,"payload":{"job_id":"job-1"}}', { kind: "invalid", type: null, jobId: "job-1" }],
    ["the payload must be an object", '{"type":"cancel","payload":[{"job_id":"job-1"}]}', { kind: "invalid", type: "cancel" }],
    ["the payload must not be null", '{"type":"cancel","payload":null}', { kind: "invalid", type: "cancel" }],
    ["the type must not come twice", '{"type":"cancel","type":"cancel","payload":{"job_id":"job-1"}}', { kind: "invalid", type: null, jobId: "job-1" }],
    ["the payload must not come twice", '{"type":"cancel","payload":{"job_id":"job-1"},"payload":{"job_id":"job-1"}}', { kind: "invalid", type: "cancel", jobId: null }],
  ])("%s", (_title, body, message) => {
    expect(decode(body)).toMatchObject(message as object);
  });
});

describe("[wire §3.1] a request", () => {
  test.each<[string, object, unknown]>([
    ["protocol_version may be absent", { protocol_version: undefined }, request()],
    ["protocol_version must not be null", { protocol_version: null }, invalid("request", "payload.protocol_version must be a string")],
    ["request_id must be there", { request_id: undefined }, invalid("request", /request_id is missing/, { requestId: null })],
    ["request_id must not be null", { request_id: null }, invalid("request", "payload.request_id must be a string", { requestId: null })],
    ["job_id must be there", { job_id: undefined }, invalid("request", /payload\.job_id is missing/, { jobId: null })],
    ["job_id must be a string", { job_id: 1 }, invalid("request", "payload.job_id must be a string", { jobId: null })],
    ["function_name must be there", { function_name: undefined }, invalid("request", /function_name is missing/)],
    ["function_name must not be null", { function_name: null }, invalid("request", /function_name must be a string/)],
    ["params may be absent", { params: undefined }, request()],
    ["params must not be null", { params: null }, invalid("request", "payload.params must be an object")],
    ["params must not be an array", { params: [] }, invalid("request", "payload.params must be an object")],
    ["context must be there", { context: undefined }, invalid("request", "payload.context is missing; it must be an object")],
    ["context must be an object", { context: "c" }, invalid("request", "payload.context must be an object")],
    ["the args and kwargs of version 1 are ignored", { args: [1], kwargs: { a: 1 } }, request()],
    ["fields of other messages are ignored, whatever they are", { status: 5, error: [], hard_kill: null }, request()],
  ])("%s", (_title, changes, message) => {
    expect(decode(requestBody(changes))).toEqual(message);
  });

  test("[wire §9] another version is read like this one: it is for the runner to answer", () => {
    expect(decode(requestBody({ protocol_version: "3" }))).toEqual({ ...request(), protocolVersion: "3" });
    expect(decode(cancelBody({ protocol_version: "" }))).toMatchObject({ kind: "cancel", protocolVersion: "" });
  });
});

describe("[wire §3.2] the context of a request", () => {
  const bad = (reason: RegExp): unknown => invalid("request", reason);
  test.each<[string, object, unknown]>([
    ["job_id must be there", { job_id: undefined }, bad(/^payload\.context\.job_id is missing/)],
    ["attempt must be there", { attempt: undefined }, bad(/attempt is missing/)],
    ["enqueue_time must be there", { enqueue_time: undefined }, bad(/enqueue_time is missing/)],
    ["enqueue_time must not be null", { enqueue_time: null }, bad(/enqueue_time must be a string/)],
    ["enqueue_time must not be a number", { enqueue_time: 1_735_732_800 }, bad(/enqueue_time must be a string/)],
    ["queue_name must be there", { queue_name: undefined }, bad(/queue_name is missing/)],
    ["deadline may be null", { deadline: null }, request()],
    ["deadline is kept as it is written", { deadline: "2025-01-01 12:00:00.1234567+0000" }, request({}, { deadline: "2025-01-01 12:00:00.1234567+0000" })],
    ["deadline must be a time", { deadline: "soon" }, bad(/deadline must be an RFC 3339 time/)],
    ["deadline must have an offset", { deadline: "2025-01-01T12:00:00" }, bad(/deadline must be an RFC 3339 time/)],
    ["trace_context may be null", { trace_context: null }, request()],
    ["trace_context may be empty", { trace_context: {} }, request({}, { traceContext: {} })],
    ["trace_context holds strings only: no number", { trace_context: { a: 1 } }, bad(/trace_context must be an object of strings/)],
    ["trace_context holds strings only: no null", { trace_context: { a: null } }, bad(/trace_context must be an object of strings/)],
    ["trace_context must not be an array", { trace_context: ["a"] }, bad(/trace_context must be/)],
    ["trace_context must not be a string", { trace_context: "a" }, bad(/trace_context must be/)],
    ["correlation_context may be null", { correlation_context: null }, request()],
    ["correlation_context holds strings only", { correlation_context: { a: true } }, bad(/correlation_context must be/)],
    ["worker_id may be null", { worker_id: null }, request()],
    ["worker_id must not be a number", { worker_id: 1 }, bad(/worker_id must be a string/)],
    ["its job_id is not compared with the outer one", { job_id: "other" }, request({}, { jobId: "other" })],
  ])("%s", (_title, context, message) => {
    expect(decode(requestBody({}, context))).toEqual(message);
  });

  test.each<[text: string, attempt: number | null]>([
    ["0", 0],
    ["1", 1],
    ["4294967295", 4_294_967_295],
    ["4294967296", null],
    ["1.0", null],
    ["1e0", null],
    ["-1", null],
    ["-0", null],
    ['"1"', null],
    ["null", null],
    ["true", null],
    ["[1]", null],
  ])("attempt %s", (text, attempt) => {
    const body = requestBody().replace('"attempt":1', `"attempt":${text}`);
    expect(decode(body)).toEqual(attempt === null ? bad(/attempt must be an integer/) : request({}, { attempt }));
  });

  test("a key of trace_context may come twice, the last one counts", () => {
    const body = requestBody({}, { trace_context: {} }).replace('"trace_context":{}', '"trace_context":{"a":"1","a":"2"}');
    expect(decode(body)).toEqual(request({}, { traceContext: { a: "2" } }));
  });

  test("a key named __proto__ is a key", () => {
    const body = requestBody({}, { trace_context: {} }).replace('"trace_context":{}', '"trace_context":{"__proto__":"p"}');
    const message = decode(body);
    const trace = message.kind === "request" ? message.request.context.traceContext : null;
    expect(Object.entries(trace ?? {})).toEqual([["__proto__", "p"]]);
  });

  test.each<[string, object, Partial<ExecutionContext>]>([
    ["are read", { timeout_ms: 1500, fence: 1_735_732_800_001 }, { timeoutMs: 1500, fence: 1_735_732_800_001 }],
    ["may be fractions and zero", { timeout_ms: 0.5, fence: 0 }, { timeoutMs: 0.5, fence: 0 }],
    ["are as good as absent if they are something else", { timeout_ms: "1500", fence: { a: 1 } }, {}],
    ["are as good as absent if they are below zero", { timeout_ms: -1, fence: -5 }, {}],
    ["are as good as absent if null", { timeout_ms: null, fence: null }, {}],
  ])("[design §8] timeout_ms and fence %s: to upstream they are unknown keys", (_title, extra, context) => {
    expect(decode(requestBody({}, extra))).toEqual(request({}, context));
  });
});

describe("[wire §3.3] a response", () => {
  const boom = { message: "boom" };
  test.each<[string, object, unknown]>([
    ["ids may be absent or null", { job_id: undefined, request_id: null, status: "success" }, response({ type: "success", result: new JsonText("null") }, NO_IDS)],
    ["ids must not be numbers", { request_id: 5, status: "success" }, invalid("response", /request_id must be a string/, { requestId: null })],
    ["status must be there", { result: 1 }, invalid("response", /status is missing/)],
    ["status must not be null", { status: null }, invalid("response", /status must be a string/)],
    ["status is case-sensitive", { status: "Success" }, invalid("response", /status must be success, retry, timeout or error/)],
    ["a missing result is null", { status: "success" }, response({ type: "success", result: new JsonText("null") })],
    ["an error beside success is ignored", { status: "success", result: 1, error: boom }, response({ type: "success", result: new JsonText("1") })],
    ["but must be one", { status: "success", error: "boom" }, invalid("response", "payload.error must be an object")],
    ["a failure without error", { status: "error" }, response({ type: "failure", error: { message: "Job failed" } })],
    ["a failure with null for error", { status: "error", error: null }, response({ type: "failure", error: { message: "Job failed" } })],
    ["an empty message is one", { status: "error", error: { message: "" } }, response({ type: "failure", error: { message: "" } })],
    ["a timeout without error", { status: "timeout" }, response({ type: "timeout", error: { message: "Job execution timed out", type: "timeout" } })],
    ["a timeout without type, as Rust sends it", { status: "timeout", error: boom }, response({ type: "timeout", error: boom })],
    ["retry without anything", { status: "retry" }, response({ type: "retry_after" })],
    ["a retry with a float", { status: "retry", retry_after_seconds: 0.25 }, response({ type: "retry_after", seconds: 0.25 })],
    ["a retry with a negative delay", { status: "retry", retry_after_seconds: -5 }, response({ type: "retry_after", seconds: -5 })],
    ["a retry with null for delay", { status: "retry", retry_after_seconds: null }, response({ type: "retry_after" })],
    ["a delay that is no number, whatever the status", { status: "success", retry_after_seconds: [] }, invalid("response", /retry_after_seconds must be a number/)],
    ["a delay beside another status is ignored", { status: "error", error: boom, retry_after_seconds: 5 }, response({ type: "failure", error: boom })],
    ["fields of other messages are ignored", { status: "retry", params: 5, context: [], hard_kill: 1 }, response({ type: "retry_after" })],
  ])("%s", (_title, changes, message) => {
    expect(decode(responseBody(changes))).toEqual(message);
  });

  test("a delay beyond all numbers is refused, as upstream does", () => {
    expect(decode('{"type":"response","payload":{"status":"retry","retry_after_seconds":1e400}}')).toMatchObject({ kind: "invalid" });
  });
});

describe("[wire §3.4] the error of a response", () => {
  test.each<[string, object, unknown]>([
    ["message must be there", { type: "T" }, invalid("response", /error\.message is missing/)],
    ["message must not be null", { message: null }, invalid("response", /error\.message must be a string/)],
    ["type must not be a number", { message: "m", type: 5 }, invalid("response", /error\.type must be a string/)],
    ["code must not be a number", { message: "m", code: 404 }, invalid("response", /error\.code must be a string/)],
    ["error_type is an unknown key", { message: "m", error_type: 5 }, response({ type: "failure", error: { message: "m" } })],
    ["details may be any JSON", { message: "m", details: [1, "a"] }, response({ type: "failure", error: { message: "m", details: new JsonText('[1,"a"]') } })],
  ])("%s", (_title, error, message) => {
    expect(decode(responseBody({ status: "error", error }))).toEqual(message);
  });
});

describe("[wire §4] the four statuses become six outcomes, and the names of the six are taken for statuses", () => {
  const error = { message: "m", code: "c" };
  test.each<[object, ExecutionOutcome]>([
    [{ status: "success", result: [1] }, { type: "success", result: new JsonText("[1]") }],
    [{ status: "error", error }, { type: "failure", error }],
    [{ status: "error", error: { ...error, type: "PaymentError" } }, { type: "failure", error: { ...error, type: "PaymentError" } }],
    [{ status: "error", error: { ...error, type: "timeout" } }, { type: "failure", error: { ...error, type: "timeout" } }],
    [{ status: "error", error: { ...error, type: "handler_not_found" } }, { type: "handler_not_found", error: { ...error, type: "handler_not_found" } }],
    [{ status: "error", error: { ...error, type: "cancelled" } }, { type: "cancelled", error: { ...error, type: "cancelled" } }],
    [{ status: "timeout", error: { ...error, type: "timeout" } }, { type: "timeout", error: { ...error, type: "timeout" } }],
    [{ status: "retry", error, retry_after_seconds: 1.5 }, { type: "retry_after", error, seconds: 1.5 }],
    [{ status: "failure", error }, { type: "failure", error }],
    [{ status: "failure" }, { type: "failure", error: { message: "Job failed" } }],
    [{ status: "handler_not_found" }, { type: "handler_not_found", error: { message: "Handler not found", type: "handler_not_found" } }],
    [{ status: "handler_not_found", error }, { type: "handler_not_found", error }],
    [{ status: "cancelled" }, { type: "cancelled", error: { message: "Job cancelled", type: "cancelled" } }],
    [{ status: "retry_after", retry_after_seconds: 5 }, { type: "retry_after", seconds: 5 }],
    [{ status: "error", error, retryable: false }, { type: "failure", error, retryable: false }],
    [{ status: "error", error, retryable: true }, { type: "failure", error }],
    [{ status: "error", error, retryable: "no" }, { type: "failure", error }],
    [{ status: "timeout", error, still_running: true }, { type: "timeout", error, stillRunning: true }],
    [{ status: "cancelled", error, still_running: true }, { type: "cancelled", error, stillRunning: true }],
    [{ status: "timeout", error, still_running: false }, { type: "timeout", error }],
    [{ status: "timeout", error, still_running: 1 }, { type: "timeout", error }],
    [{ status: "success", result: 1, retryable: false, still_running: true }, { type: "success", result: new JsonText("1") }],
  ])("%j", (payload, outcome) => {
    expect(decode(responseBody(payload))).toEqual(response(outcome));
  });
});

describe("[wire §3.5] a cancel", () => {
  const cancel = { kind: "cancel", protocolVersion: "2", jobId: "job-1", requestId: null, hardKill: false };
  test.each<[string, object, unknown]>([
    ["needs a job_id only", {}, cancel],
    ["request_id may be empty, which is an id", { request_id: "" }, { ...cancel, requestId: "" }],
    ["hard_kill is read", { hard_kill: true }, { ...cancel, hardKill: true }],
    ["protocol_version must not be null", { protocol_version: null }, invalid("cancel", /protocol_version must be a string/, { requestId: null })],
    ["hard_kill must be a boolean", { hard_kill: 0, request_id: "req-1" }, invalid("cancel", /hard_kill must be a boolean/)],
    ["request_id must not be a number", { request_id: 7 }, invalid("cancel", /request_id must be a string/, { requestId: null })],
  ])("%s", (_title, changes, message) => {
    expect(decode(cancelBody(changes))).toEqual(message);
  });
});

describe("[wire §5] tolerance", () => {
  const withParams = (params: string): string => requestBody({ params: 0 }).replace('"params":0', `"params":${params}`);
  const nested = (levels: number): string => '{"a":'.repeat(levels) + "1" + "}".repeat(levels);
  const ignored = '"x":[{"y":null}],"z":1e999,';

  test.each<[string, string, unknown]>([
    ["unknown keys at any level", requestBody().replaceAll('{"', `{${ignored}"`), request()],
    ["a number as version", requestBody({ protocol_version: 2 }), invalid("request", /protocol_version must be a string/)],
    ["a known key twice", requestBody().replace('"function_name"', '"function_name":"a","function_name"'), invalid("request", "payload.function_name comes twice")],
    ["a known key twice, once escaped", requestBody().replace('"function_name"', String.raw`"function\u005fname":"a","function_name"`), invalid("request", "payload.function_name comes twice")],
    ["a known key of the context twice", requestBody().replace('"attempt"', '"attempt":1,"attempt"'), invalid("request", "payload.context.attempt comes twice")],
    ["an id twice: nobody knows whose it is", requestBody().replace('"request_id"', '"request_id":"a","request_id"'), invalid("request", "payload.request_id comes twice", { requestId: null })],
    ["a known key of another message twice", requestBody().replace('"function_name"', '"status":1,"status":2,"function_name"'), request()],
    ["an unknown key twice", requestBody().replace('"function_name"', '"x":1,"x":2,"function_name"'), request()],
    ["an array for an envelope", '["request",{"job_id":"job-1"}]', invalid(null, "no JSON object", NO_IDS)],
    ["a scalar for an envelope", '"request"', invalid(null, "no JSON object", NO_IDS)],
    ["nothing but white space", "  ", invalid(null, "no JSON object", NO_IDS)],
    ["a byte order mark", `\ufeff${requestBody()}`, invalid(null, "no JSON object", NO_IDS)],
    ["white space behind the object", `${requestBody()} \n`, request()],
    ["other bytes behind the object", `${requestBody()}x`, invalid("request", /^no JSON from character/)],
    ["a second object behind the object", `${requestBody()}{}`, invalid("request", /^no JSON from character/)],
    ["a lone surrogate in params", withParams(String.raw`{"a":"\ud800"}`), invalid("request", /^half of a surrogate pair/)],
    ["a lone surrogate in an unknown key", requestBody().replace('"function_name"', String.raw`"\udc00":1,"function_name"`), invalid("request", /^half of a surrogate pair/)],
    ["a pair of surrogates", withParams(String.raw`{"a":"\ud83d\ude00"}`), request({ params: new JsonText(String.raw`{"a":"\ud83d\ude00"}`) })],
    ["NaN", withParams('{"a":NaN}'), invalid("request", /^no JSON from character/)],
    ["Infinity", withParams('{"a":-Infinity}'), invalid("request", /^no JSON from character/)],
    ["numbers beyond all doubles are carried", withParams('{"a":1e400}'), request({ params: new JsonText('{"a":1e400}') })],
    ["numbers are carried as they are written", withParams('{"a":1.0,"b":18446744073709551617}'), request({ params: new JsonText('{"a":1.0,"b":18446744073709551617}') })],
    ["params of 125 levels", withParams(nested(125)), request({ params: new JsonText(nested(125)) })],
    ["params of 126 levels", withParams(nested(126)), invalid("request", "nested over 127 levels")],
    ["params of 100,000 levels: what comes behind is not read", withParams(nested(100_000)), invalid("request", "nested over 127 levels")],
    ["127 levels under an unknown key", `{"x":${"[".repeat(126)}${"]".repeat(126)},${requestBody().slice(1)}`, request()],
    ["128 levels under an unknown key", `{"x":${"[".repeat(127)}${"]".repeat(127)},${requestBody().slice(1)}`, invalid("request", "nested over 127 levels")],
  ])("%s", (_title, body, message) => {
    expect(decode(body)).toEqual(message);
  });

  test("the objects that are looked into count as levels", () => {
    const deep = (levels: number): Message => decode(`{"type":"response","payload":{"status":"error","error":{"message":"m","details":${"[".repeat(levels)}${"]".repeat(levels)}}}}`);
    expect(deep(124)).toMatchObject({ kind: "response" });
    expect(deep(125)).toMatchObject({ kind: "invalid" });
  });

  test.each<[string, number[]]>([
    ["a byte that starts nothing", [0xff]],
    ["a sequence cut short", [0xe2, 0x82]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
  ])("bytes that are no UTF-8: %s", (_title, bytes) => {
    const [before = "", after = ""] = withParams('{"a":"@"}').split("@");
    const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
    expect(decodeMessage(body)).toEqual(invalid("request", "bytes that are no UTF-8"));
  });

  test("a decoder that met such bytes reads the next frame", () => {
    decodeMessage(Buffer.from([0x7b, 0xe2, 0x82]));
    expect(decode(requestBody())).toEqual(request());
  });
});

describe("[wire §12] an invalid frame names its request whenever that can be read", () => {
  test.each<[string, string, object]>([
    ["broken JSON behind the ids", '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"success","result":NaN}}', {}],
    ["the end of the frame behind the ids", '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","stat', {}],
    ["the ids behind what is too deep", `{"type":"response","payload":{"result":${"[".repeat(200)}${"]".repeat(200)},"job_id":"job-1","request_id":"req-1"}}`, {}],
    ["the ids behind half of a surrogate pair", String.raw`{"type":"response","payload":{"result":"\ud800","job_id":"job-1","request_id":"req-1"}}`, {}],
    ["an id cut short is none", '{"type":"response","payload":{"job_id":"job-1","request_id":"req-', { requestId: null }],
    ["an id that is no characters is none", String.raw`{"type":"response","payload":{"job_id":"job-1","request_id":"\ud800"}}`, { requestId: null }],
    ["an escaped id", String.raw`{"type":"response","payload":{"job_id":"job-1","request_id":"req\u002d1"}}`, {}],
    ["ids in the wrong place are none", '{"type":"response","job_id":"job-1","request_id":"req-1","payload":[]}', NO_IDS],
    ["a type behind the payload", '{"payload":{"job_id":"job-1","request_id":"req-1"},"type":"response"}', {}],
  ])("%s", (_title, body, ids) => {
    expect(decode(body)).toEqual(invalid("response", /./, ids));
  });

  test("an empty body is invalid", () => {
    expect(decodeMessage(Buffer.alloc(0))).toEqual(invalid(null, "no JSON object", NO_IDS));
  });
});
