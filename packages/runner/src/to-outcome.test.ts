import { type ExecutionOutcome, isOutcome, outcome } from "@rrq/protocol";
import { describe, expect, test } from "vitest";
import { CANCELLED, DEADLINE_EXCEEDED, SHUTTING_DOWN } from "./abort-reasons.ts";
import { NonRetryable, RetryAfter } from "./retry-after.ts";
import { toOutcome, unsendable } from "./to-outcome.ts";

const returned = (value: unknown): ExecutionOutcome => toOutcome({ how: "returned", value });
const thrown = (error: unknown): ExecutionOutcome => toOutcome({ how: "thrown", error });

class BadInput extends NonRetryable {
  override readonly name = "BadInput";
}

describe("[runner §4.2] what a handler's end means", () => {
  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a number", 1],
    ["an object", { ok: true }],
    ["[trap 37] an object that looks like an outcome of ours", { type: "failure", error: { message: "x" } }],
    ["[trap 37] an object that looks like an outcome on the wire", { status: "retry", job_id: "j", request_id: "r" }],
  ])("%s is a success with that result", (_title, value) => {
    expect(returned(value)).toEqual({ type: "success", result: value ?? null });
  });

  test.each<[string, ExecutionOutcome]>([
    ["success", outcome.success({ a: 1 })],
    ["failure", outcome.failure({ message: "m", type: "T", code: "c", details: { d: 1 } })],
    ["final failure", outcome.failure("m", { retryable: false })],
    ["handler not found", outcome.handlerNotFound("f")],
    ["timeout", outcome.timeout("m")],
    ["cancelled", outcome.cancelled("m")],
    ["retry", outcome.retryAfter(2.5, "m")],
    ["retry without a delay", outcome.retryAfter()],
  ])("[wire §4] an outcome of ours is told as it is: %s", (_title, value) => {
    expect(returned(value)).toEqual(value);
  });

  test.each<[string, unknown, object]>([
    ["an Error as error is described", outcome.failure(new TypeError("bad")), { type: "failure", error: { message: "bad", type: "TypeError" } }],
    ["a message that is no text becomes one", outcome.failure({ message: 5 as unknown as string }), { type: "failure", error: { message: "5" } }],
    ["a code that is no text is dropped", outcome.failure({ message: "m", code: 5 as unknown as string }), { error: { message: "m" } }],
    ["a delay of NaN leaves the back-off", outcome.retryAfter(Number.NaN), { type: "retry_after" }],
    ["an endless delay leaves the back-off", outcome.retryAfter(Number.POSITIVE_INFINITY), { type: "retry_after" }],
    ["an unknown type is a failure", Object.create(outcome.success(), { type: { value: "done" } }), { type: "failure", error: { message: "Handler returned an outcome of unknown type: done" } }],
  ])("[runner §10] outcomes are checked: %s", (_title, value, expected) => {
    const told = returned(value);
    expect(told).toMatchObject(expected);
    expect(told).not.toHaveProperty("seconds");
    expect(told).not.toHaveProperty("error.code");
  });

  test.each<[string, unknown, object]>([
    ["an error is a failure that may be retried", new Error("boom"), { type: "failure", error: { message: "boom", type: "Error" } }],
    ["a text is one too", "boom", { type: "failure", error: { message: "boom" } }],
    ["RetryAfter asks for a retry", new RetryAfter(30, "rate limited"), { type: "retry_after", seconds: 30, error: { message: "rate limited" } }],
    ["RetryAfter has words of its own", new RetryAfter(0), { type: "retry_after", seconds: 0, error: { message: "Job requested retry" } }],
    ["NonRetryable is final", new NonRetryable("never"), { type: "failure", retryable: false, error: { message: "never", type: "NonRetryable" } }],
    ["a subclass of NonRetryable is final", new BadInput("no"), { type: "failure", retryable: false, error: { type: "BadInput" } }],
    ["an AbortError of a handler's own is a failure", new DOMException("stopped", "AbortError"), { type: "failure", error: { type: "AbortError" } }],
  ])("thrown: %s", (_title, error, expected) => {
    expect(thrown(error)).toMatchObject(expected);
    expect(isOutcome(thrown(error))).toBe(true);
  });

  test("a thrown error that does not say so may be retried", () => {
    expect(thrown(new Error("boom"))).not.toHaveProperty("retryable");
  });

  test("RetryAfter with a delay that is no number leaves the back-off", () => {
    expect(thrown(new RetryAfter(Number.NaN))).not.toHaveProperty("seconds");
  });

  test.each([
    ["deadline", DEADLINE_EXCEEDED, "timeout", "Job execution timed out", "timeout"],
    ["cancel", CANCELLED, "cancelled", "Job cancelled", "cancelled"],
    ["end of the runner", SHUTTING_DOWN, "cancelled", "Runner is shutting down", "cancelled"],
  ] as const)("[runner §5] aborted for: %s", (_title, reason, type, message, errorType) => {
    expect(toOutcome({ how: "aborted", reason, stillRunning: false })).toEqual({ type, error: { message, type: errorType } });
    expect(toOutcome({ how: "aborted", reason, stillRunning: true })).toMatchObject({ type, stillRunning: true });
  });

  test("[trap 36] a returned proxy that throws when it is looked at is a failure", () => {
    const value = new Proxy({}, { has: () => { throw new Error("do not look"); } });
    expect(returned(value)).toMatchObject({ type: "failure", error: { message: "do not look" } });
  });

  test("what cannot be sent is a failure that says why", () => {
    expect(unsendable(new TypeError("a BigInt"))).toMatchObject({ type: "failure", error: { message: "a BigInt" } });
  });
});
