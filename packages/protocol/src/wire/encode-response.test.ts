import { describe, expect, test } from "vitest";
import { JsonText } from "../json-text.ts";
import { MAX_FRAME_BYTES } from "../limits.ts";
import { type ExecutionOutcome, outcome } from "../outcome.ts";
import { goldenFrames } from "../testing/golden-frames.ts";
import { nest } from "../testing/nest.ts";
import { decodeMessage } from "./decode-message.ts";
import { encodeResponse } from "./encode-response.ts";

const IDS = { jobId: "job-1", requestId: "req-1" };

function bodyOf(value: ExecutionOutcome): string {
  const frame = encodeResponse(IDS, value);
  expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
  return frame.subarray(4).toString();
}

/** The fields of a payload behind the ids. */
function payload(fields: string): string {
  return `{"type":"response","payload":{"job_id":"job-1","request_id":"req-1",${fields}}}`;
}

describe("[wire §4] each of the six outcomes has one of upstream's four statuses", () => {
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
  ])("[wire §3.3] %s", (_title, value, body) => {
    expect(bodyOf(value)).toBe(body);
  });

  test.each<[string, ExecutionOutcome, string]>([
    ["[wire §3.3] a result that is undefined is null", { type: "success", result: undefined }, '"status":"success","result":null'],
    ["[design §3] a result that is JSON text leaves as it is", outcome.success(new JsonText("1.0")), '"status":"success","result":1.0'],
    ["[design §8] a failure that is not to be retried says so", outcome.failure("no", { retryable: false }), '"status":"error","error":{"message":"no"},"retryable":false'],
    ["[design §8] so does a timeout whose handler goes on", outcome.timeout("late", { stillRunning: true }), '"status":"timeout","error":{"message":"late","type":"timeout"},"still_running":true'],
    ["[design §8] and a cancelled one", outcome.cancelled("c", { stillRunning: true }), '"status":"error","error":{"message":"c","type":"cancelled"},"still_running":true'],
    ["a retry may wait a fraction of a second", outcome.retryAfter(0.25), '"status":"retry","retry_after_seconds":0.25'],
    ["or less than nothing", outcome.retryAfter(-1), '"status":"retry","retry_after_seconds":-1'],
    ["[wire §3.4] details of null are none", outcome.failure({ message: "m", details: null }), '"status":"error","error":{"message":"m"}'],
    ["[wire §3.4] details may be JSON text", outcome.failure({ message: "m", details: new JsonText("[1.0]") }), '"status":"error","error":{"message":"m","details":[1.0]}'],
    ["[wire §3.4] a message may be empty", outcome.failure(""), '"status":"error","error":{"message":""}'],
    ["a failure cannot pass for a cancelled job", outcome.failure({ message: "m", type: "cancelled" }), '"status":"error","error":{"message":"m"}'],
    ["nor for a missing handler", outcome.failure({ message: "m", type: "handler_not_found", code: "c" }), '"status":"error","error":{"message":"m","code":"c"}'],
    ["nor a retry", outcome.retryAfter(1, { message: "m", type: "cancelled" }), '"status":"retry","error":{"message":"m"},"retry_after_seconds":1'],
    ["a timeout has its type, whatever it bore", { type: "timeout", error: { message: "m", type: "T" } }, '"status":"timeout","error":{"message":"m","type":"timeout"}'],
    ["a broken character is no reason to lose an error", outcome.failure("a\ud800b"), '"status":"error","error":{"message":"a\ufffdb"}'],
  ])("%s", (_title, value, fields) => {
    expect(bodyOf(value)).toBe(payload(fields));
  });

  test("[wire §4] what answers a frame that was none has no request id", () => {
    const frame = encodeResponse({ jobId: "unknown", requestId: null }, outcome.failure("unexpected response message"));
    expect(frame.subarray(4).toString()).toBe(
      '{"type":"response","payload":{"job_id":"unknown","status":"error","error":{"message":"unexpected response message"}}}',
    );
  });
});

describe("[wire §12] an outcome that cannot be sent is refused, for a failure to be sent in its place", () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);

  test.each<[string, ExecutionOutcome, string, RegExp]>([
    ["[trap 36] a BigInt", outcome.success({ id: 1n }), "NOT_JSON", /^result\.id is a BigInt/],
    ["[trap 36] a cycle", outcome.success(cycle), "NOT_JSON", /^result\[0\] is result again/],
    ["[trap 36] a function", outcome.success(() => 1), "NOT_JSON", /^result is a function/],
    ["NaN", outcome.success(Number.NaN), "NOT_JSON", /^result is NaN/],
    ["half of a surrogate pair", outcome.success("\ud800"), "NOT_JSON", /^result holds half/],
    ["a result that is JSON text, but broken", outcome.success(new JsonText("1}")), "NOT_JSON", /^result is no JSON text/],
    ["a result of 126 levels", outcome.success(JSON.parse(nest(126))), "TOO_DEEP", /nested over 125 levels/],
    ["details of 125 levels", outcome.failure({ message: "m", details: JSON.parse(nest(125)) }), "TOO_DEEP", /^error\.details.* nested over 124 levels/],
    ["[trap 36] 20 MiB", outcome.success("x".repeat(20 * 1024 * 1024)), "TOO_LARGE", /^result has 20971522 bytes/],
    ["a message of 20 MiB", outcome.failure("x".repeat(20 * 1024 * 1024)), "TOO_LARGE", /^error\.message has/],
    ["a message that is too long with its escapes", outcome.failure("\u0001".repeat(3 * 1024 * 1024)), "TOO_LARGE", /^the response for job job-1 has/],
    ["an endless delay", outcome.retryAfter(Infinity), "NOT_JSON", /finite/],
  ])("%s", (_title, value, code, message) => {
    expect(() => encodeResponse(IDS, value)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }));
  });

  test("ids are refused when they are no characters", () => {
    expect(() => encodeResponse({ jobId: "\ud800", requestId: "r" }, outcome.success())).toThrow(/^job_id holds half/);
    expect(() => encodeResponse({ jobId: "j", requestId: "\ud800" }, outcome.success())).toThrow(/^request_id holds half/);
  });

  test("[wire §5] the deepest that peers read leaves", () => {
    const result = encodeResponse(IDS, outcome.success(new JsonText(nest(125))));
    const details = encodeResponse(IDS, outcome.failure({ message: "m", details: new JsonText(nest(124)) }));
    expect(decodeMessage(result.subarray(4))).toMatchObject({ kind: "response" });
    expect(decodeMessage(details.subarray(4))).toMatchObject({ kind: "response" });
  });

  test("[wire §1] a frame of exactly 16 MiB leaves, one byte more does not", () => {
    const room = MAX_FRAME_BYTES - Buffer.byteLength(bodyOf(outcome.success("")));
    expect(encodeResponse(IDS, outcome.success("x".repeat(room)))).toHaveLength(4 + MAX_FRAME_BYTES);
    expect(() => encodeResponse(IDS, outcome.success("x".repeat(room + 1)))).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
  });
});
