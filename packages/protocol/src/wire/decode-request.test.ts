import { describe, expect, test } from "vitest";
import type { ExecutionContext } from "../runner.ts";
import { cancelBody, decode, invalid, request, requestBody } from "../testing/decoded.ts";

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
