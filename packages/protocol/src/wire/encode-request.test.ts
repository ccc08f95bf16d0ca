import { describe, expect, test } from "vitest";
import { JsonText } from "../json-text.ts";
import { MAX_FRAME_BYTES } from "../limits.ts";
import type { ExecutionRequest } from "../runner.ts";
import { buildRequest } from "../testing/build-request.ts";
import { goldenFrames } from "../testing/golden-frames.ts";
import { nest } from "../testing/nest.ts";
import { decodeMessage } from "./decode-message.ts";
import { encodeRequest } from "./encode-request.ts";

function bodyOf(request: ExecutionRequest): string {
  const frame = encodeRequest(request);
  expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
  return frame.subarray(4).toString();
}

const withParams = (text: string): ExecutionRequest => buildRequest({ params: new JsonText(text) });

describe("[wire §3.1] a request", () => {
  test("[wire §3.2] has upstream's keys in upstream's order, absent ones as null", () => {
    expect(bodyOf(buildRequest())).toBe(
      '{"type":"request","payload":{"protocol_version":"2","request_id":"req-1","job_id":"job-1","function_name":"echo","params":{},' +
        '"context":{"job_id":"job-1","attempt":1,"enqueue_time":"2025-01-01T12:00:00Z","queue_name":"rrq:queue:default",' +
        '"deadline":null,"trace_context":null,"correlation_context":null,"worker_id":null}}}',
    );
  });

  test("[wire §11] the full example comes out as it is written", () => {
    const message = decodeMessage(Buffer.from(goldenFrames["request-full"]));
    if (message.kind !== "request") throw new Error(message.kind);
    expect(bodyOf(message.request)).toBe(goldenFrames["request-full"]);
  });

  test("[design §8] timeout_ms and fence come only when they are there", () => {
    expect(bodyOf(buildRequest({}, { timeoutMs: 1500.5, fence: 7 }))).toContain('"worker_id":null,"timeout_ms":1500.5,"fence":7}}}');
    expect(bodyOf(buildRequest({}, { timeoutMs: 0, fence: 0 }))).toContain('"worker_id":null,"timeout_ms":0,"fence":0}}}');
  });

  test.each(['{ "n": 1.0, "big": 18446744073709551617, "far": 1e400 }', ' {"a":1,"a":2} '])("[design §3] params leave as they are written: %s", (params) => {
    expect(bodyOf(withParams(params))).toContain(`"params":${params},"context"`);
  });

  test("[wire §7] times leave as they are written", () => {
    const body = bodyOf(buildRequest({}, { enqueueTime: "2025-01-01T12:00:00.123456789+00:00", deadline: "2025-01-01t12:00:60z" }));
    expect(body).toContain('"enqueue_time":"2025-01-01T12:00:00.123456789+00:00"');
    expect(body).toContain('"deadline":"2025-01-01t12:00:60z"');
  });

  test("non-ASCII text leaves as UTF-8, its bytes counted", () => {
    const frame = encodeRequest(buildRequest({ functionName: "grüße \u{1f600}\u2028" }));
    expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
    expect(decodeMessage(frame.subarray(4))).toMatchObject({ kind: "request", request: { functionName: "grüße \u{1f600}\u2028" } });
  });
});

describe("[trap 15] what would break the peer's connection is refused before a byte is written", () => {
  test.each<[string, ExecutionRequest, string, RegExp]>([
    ["params that are an array", withParams("[1]"), "NOT_JSON", /^params must be a JSON object$/],
    ["params that are a string", withParams('"{}"'), "NOT_JSON", /^params must be a JSON object$/],
    ["params that are no JSON", withParams('{"a":}'), "NOT_JSON", /^params is no JSON text/],
    ["params that would end early and bring their own fields", withParams('{},"job_id":"other","x":{}'), "NOT_JSON", /^params is no JSON text/],
    ["an escape of half of a surrogate pair in params", withParams(String.raw`{"a":"\ud800"}`), "NOT_JSON", /surrogate/],
    ["half of a surrogate pair in params", withParams('{"a":"\ud800"}'), "NOT_JSON", /surrogate/],
    ["params of 126 levels", withParams(`{"a":${nest(125)}}`), "TOO_DEEP", /^params is nested over 125 levels/],
    ["params of 17 MiB", withParams(`{"a":"${"x".repeat(17 * 1024 * 1024)}"}`), "TOO_LARGE", /^params has 17825800 bytes/],
    ["a broken job id", buildRequest({ jobId: "\ud800" }), "NOT_JSON", /^job_id holds half/],
    ["a broken function name", buildRequest({ functionName: "\udfff" }), "NOT_JSON", /^function_name holds half/],
    ["a broken value of a trace", buildRequest({}, { traceContext: { a: "\ud800" } }), "NOT_JSON", /^trace_context\.a holds half/],
    ["a queue name of 17 MiB", buildRequest({}, { queueName: "x".repeat(17 * 1024 * 1024) }), "TOO_LARGE", /^queue_name has/],
    ["an enqueue time without offset", buildRequest({}, { enqueueTime: "2025-01-01T12:00:00" }), "INVALID_ARGUMENT", /^enqueue_time must be/],
    ["a deadline that is no time", buildRequest({}, { deadline: "soon" }), "INVALID_ARGUMENT", /^deadline must be/],
    ["half an attempt", buildRequest({}, { attempt: 1.5 }), "INVALID_ARGUMENT", /^attempt cannot be 1\.5$/],
    ["an attempt below zero", buildRequest({}, { attempt: -1 }), "INVALID_ARGUMENT", /^attempt cannot be -1$/],
    ["an attempt beyond 32 bits", buildRequest({}, { attempt: 2 ** 32 }), "INVALID_ARGUMENT", /^attempt cannot be 4294967296$/],
    ["a timeout that is no number", buildRequest({}, { timeoutMs: Number.NaN }), "INVALID_ARGUMENT", /^timeout_ms cannot be NaN$/],
    ["a fence beyond all integers", buildRequest({}, { fence: 2 ** 60 }), "INVALID_ARGUMENT", /^fence cannot be/],
  ])("%s", (_title, request, code, message) => {
    expect(() => encodeRequest(request)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }));
  });

  test("params of 125 levels leave", () => {
    expect(decodeMessage(encodeRequest(withParams(`{"a":${nest(124)}}`)).subarray(4))).toMatchObject({ kind: "request" });
  });

  test("a frame of exactly 16 MiB leaves, one byte more does not", () => {
    const room = MAX_FRAME_BYTES - Buffer.byteLength(bodyOf(withParams('{"a":""}')));
    const filled = (bytes: number): ExecutionRequest => withParams(`{"a":"${"x".repeat(bytes)}"}`);
    expect(encodeRequest(filled(room))).toHaveLength(4 + MAX_FRAME_BYTES);
    expect(() => encodeRequest(filled(room + 1))).toThrow(
      expect.objectContaining({ code: "TOO_LARGE", message: expect.stringMatching(/^the request for job job-1 has 16777217 bytes/) as string }),
    );
  });
});
