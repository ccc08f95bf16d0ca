import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonText } from "../json-text.ts";
import { type ExecutionOutcome, outcome } from "../outcome.ts";
import type { ExecutionContext, ExecutionRequest } from "../runner.ts";
import { goldenFrames } from "../testing/golden-frames.ts";
import { decodeByTheRules } from "../testing/reference-decoder.ts";
import { decodeMessage } from "./decode-message.ts";
import { encodeCancel } from "./encode-cancel.ts";
import { encodeRequest } from "./encode-request.ts";
import { encodeResponse } from "./encode-response.ts";

const IDS = { jobId: "job-1", requestId: "req-1" };
const body = (frame: Buffer): string => {
  expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
  return frame.subarray(4).toString();
};

function buildRequest(change: Partial<ExecutionRequest> = {}, context: Partial<ExecutionContext> = {}): ExecutionRequest {
  return {
    requestId: "req-1",
    jobId: "job-1",
    functionName: "echo",
    params: new JsonText("{}"),
    context: {
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
      ...context,
    },
    ...change,
  };
}

describe("[wire §3.1, §3.2, §6] a request", () => {
  test("has upstream's keys in upstream's order, absent ones as null", () => {
    expect(body(encodeRequest(buildRequest()))).toBe(
      '{"type":"request","payload":{"protocol_version":"2","request_id":"req-1","job_id":"job-1","function_name":"echo","params":{},' +
        '"context":{"job_id":"job-1","attempt":1,"enqueue_time":"2025-01-01T12:00:00Z","queue_name":"rrq:queue:default","deadline":null,"trace_context":null,"correlation_context":null,"worker_id":null}}}',
    );
  });

  test("the full example comes out as it is", () => {
    const message = decodeMessage(Buffer.from(goldenFrames["request-full"]));
    if (message.kind !== "request") throw new Error(message.kind);
    expect(body(encodeRequest(message.request))).toBe(goldenFrames["request-full"]);
  });

  test("[design §4] timeout_ms and fence come only when they are there", () => {
    expect(body(encodeRequest(buildRequest({}, { timeoutMs: 1500, fence: 7 })))).toContain('"worker_id":null,"timeout_ms":1500,"fence":7}}}');
  });

  test("[design §3] params leave as they are written", () => {
    const params = '{ "n": 1.0, "big": 18446744073709551617, "far": 1e400 }';
    expect(body(encodeRequest(buildRequest({ params: new JsonText(params) })))).toContain(`"params":${params},`);
  });

  test.each<[string, ExecutionRequest, string]>([
    ["params that are no object", buildRequest({ params: new JsonText("[1]") }), "NOT_JSON"],
    ["params that are no JSON", buildRequest({ params: new JsonText('{"a":}') }), "NOT_JSON"],
    ["params with half of a surrogate pair", buildRequest({ params: new JsonText('{"a":"\\ud800"}') }), "NOT_JSON"],
    ["params 126 levels deep", buildRequest({ params: new JsonText(`{"a":${"[".repeat(125)}${"]".repeat(125)}}`) }), "TOO_DEEP"],
    ["params of 17 MiB", buildRequest({ params: new JsonText(`{"a":"${"x".repeat(17 * 1_048_576)}"}`) }), "TOO_LARGE"],
    ["a job id with half of a surrogate pair", buildRequest({ jobId: "\ud800" }), "NOT_JSON"],
    ["a time without an offset", buildRequest({}, { enqueueTime: "2025-01-01T12:00:00" }), "INVALID_ARGUMENT"],
    ["a fractional attempt", buildRequest({}, { attempt: 1.5 }), "INVALID_ARGUMENT"],
  ])("[trap 15] %s is refused before a byte is written", (_title, request, code) => {
    expect(() => encodeRequest(request)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe("[wire §4] each outcome has one of upstream's four statuses", () => {
  test.each<[string, ExecutionOutcome, string]>([
    ["success", outcome.success({ ok: true }), goldenFrames["response-success"]],
    ["success without a value", outcome.success(), goldenFrames["response-success-null"]],
    ["failure", outcome.failure("boom"), goldenFrames["response-failure"]],
    [
      "failure with everything",
      outcome.failure({ message: "card declined", type: "PaymentError", code: "card_declined", details: { attempt: 1 } }),
      goldenFrames["response-failure-detailed"],
    ],
    ["handler_not_found", outcome.handlerNotFound("nope"), goldenFrames["response-handler-not-found"]],
    ["timeout", outcome.timeout(), goldenFrames["response-timeout"]],
    ["cancelled", outcome.cancelled(), goldenFrames["response-cancelled"]],
    ["retry_after", outcome.retryAfter(60, "rate limited"), goldenFrames["response-retry-after"]],
    ["retry_after without a delay", outcome.retryAfter(undefined, "try later"), goldenFrames["response-retry-default-delay"]],
  ])("[wire §3.3] %s", (_title, value, expected) => {
    expect(body(encodeResponse(IDS, value))).toBe(expected);
  });

  test.each<[string, ExecutionOutcome, string]>([
    ["a failure that is not to be retried", outcome.failure("no", { retryable: false }), '"error":{"message":"no"},"retryable":false}}'],
    ["a handler that goes on", outcome.timeout("late", { stillRunning: true }), '"error":{"message":"late","type":"timeout"},"still_running":true}}'],
    ["a fraction of a second", outcome.retryAfter(0.25), '"status":"retry","retry_after_seconds":0.25}}'],
    ["a raw result", outcome.success(new JsonText("1.0")), '"result":1.0}}'],
    ["a failure may not bear a reserved type", outcome.failure({ message: "m", type: "cancelled" }), '"error":{"message":"m"}}}'],
    ["half of a surrogate pair in a message is replaced", outcome.failure("a\ud800"), '"error":{"message":"a\ufffd"}}}'],
  ])("%s", (_title, value, expected) => {
    expect(body(encodeResponse(IDS, value)).endsWith(expected)).toBe(true);
  });

  test.each<[string, ExecutionOutcome, string]>([
    ["a BigInt", outcome.success(1n), "NOT_JSON"],
    ["a number that is none", outcome.success(Number.NaN), "NOT_JSON"],
    ["126 levels", outcome.success(new JsonText(`${"[".repeat(126)}${"]".repeat(126)}`)), "TOO_DEEP"],
    ["17 MiB", outcome.success("x".repeat(17 * 1_048_576)), "TOO_LARGE"],
    ["an endless delay", outcome.retryAfter(Infinity), "NOT_JSON"],
  ])("[wire §12] %s is refused, for a failure to be sent instead", (_title, value, code) => {
    expect(() => encodeResponse(IDS, value)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe("[wire §3.5] a cancel", () => {
  test.each([
    ["of one request", { jobId: "job-1", requestId: "req-1" }, goldenFrames["cancel-request"]],
    ["of a job", { jobId: "job-1", requestId: null }, goldenFrames["cancel-job"]],
  ])("%s", (_title, cancel, expected) => {
    expect(body(encodeCancel(cancel))).toBe(expected);
  });
});

describe("what we encode, a decoder written from the rules reads, and ours reads the same", () => {
  const text = fc.string({ unit: "grapheme" });
  const json = fc.jsonValue({ maxDepth: 4 }).map((value) => new JsonText(JSON.stringify(value)));
  const time = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString());
  const strings = fc.option(fc.dictionary(text, text));
  const error = fc.record({ message: text, code: text, details: json }, { requiredKeys: ["message"] });
  const outcomes = fc.oneof(
    json.map((result) => outcome.success(result)),
    error.map((one) => outcome.failure(one)),
    text.map((name) => outcome.handlerNotFound(name)),
    text.map((message) => outcome.timeout(message)),
    text.map((message) => outcome.cancelled(message, { stillRunning: true })),
    fc.tuple(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }), error).map(([seconds, one]) => outcome.retryAfter(seconds, one)),
  );
  const requests = fc.record({
    requestId: text,
    jobId: text,
    functionName: text,
    params: fc.dictionary(text, fc.jsonValue({ maxDepth: 3 })).map((params) => new JsonText(JSON.stringify(params))),
    context: fc.record({
      jobId: text,
      attempt: fc.nat(),
      enqueueTime: time,
      queueName: text,
      deadline: fc.option(time),
      traceContext: strings,
      correlationContext: strings,
      workerId: fc.option(text),
      timeoutMs: fc.option(fc.nat()),
      fence: fc.option(fc.nat()),
    }),
  });

  test("requests", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const frame = encodeRequest(request).subarray(4);
        const message = decodeMessage(frame);
        expect(message).toEqual(decodeByTheRules(frame));
        expect(message).toMatchObject({ kind: "request", protocolVersion: "2" });
        if (message.kind === "request") expect(JSON.stringify(message.request)).toBe(JSON.stringify(request));
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  test("responses", () => {
    fc.assert(
      fc.property(text, text, outcomes, (jobId, requestId, value) => {
        const frame = encodeResponse({ jobId, requestId }, value).subarray(4);
        const message = decodeMessage(frame);
        expect(message).toEqual(decodeByTheRules(frame));
        expect(message).toMatchObject({ kind: "response", jobId, requestId, outcome: { type: value.type } });
      }),
      { seed: 12, numRuns: 300 },
    );
  });

  test("cancels", () => {
    fc.assert(
      fc.property(text, fc.option(text), fc.boolean(), (jobId, requestId, hardKill) => {
        const frame = encodeCancel({ jobId, requestId, hardKill }).subarray(4);
        expect(decodeMessage(frame)).toEqual({ kind: "cancel", protocolVersion: "2", jobId, requestId, hardKill });
        expect(decodeByTheRules(frame)).toEqual(decodeMessage(frame));
      }),
      { seed: 13, numRuns: 300 },
    );
  });
});
