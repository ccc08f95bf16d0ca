import { describe, expect, test } from "vitest";
import { type ExecutionOutcome, isOutcome, outcome } from "./outcome.ts";

describe("[wire §4] the six outcomes", () => {
  test.each<[ExecutionOutcome, object]>([
    [outcome.success([1]), { type: "success", result: [1] }],
    [outcome.success(), { type: "success", result: null }],
    [outcome.failure("boom"), { type: "failure", error: { message: "boom" } }],
    [outcome.failure({ message: "m", type: "T", code: "c", details: {} }), { type: "failure", error: { message: "m", type: "T", code: "c", details: {} } }],
    [outcome.failure("no", { retryable: false }), { type: "failure", error: { message: "no" }, retryable: false }],
    [outcome.failure("yes", { retryable: true }), { type: "failure", error: { message: "yes" } }],
    [outcome.handlerNotFound("f"), { type: "handler_not_found", error: { message: "No handler registered for function 'f'", type: "handler_not_found" } }],
    [outcome.timeout(), { type: "timeout", error: { message: "Job execution timed out", type: "timeout" } }],
    [outcome.timeout("late", { stillRunning: true }), { type: "timeout", error: { message: "late", type: "timeout" }, stillRunning: true }],
    [outcome.cancelled(), { type: "cancelled", error: { message: "Job cancelled", type: "cancelled" } }],
    [outcome.cancelled("c", { stillRunning: true }), { type: "cancelled", error: { message: "c", type: "cancelled" }, stillRunning: true }],
    [outcome.retryAfter(), { type: "retry_after" }],
    [outcome.retryAfter(0, "later"), { type: "retry_after", seconds: 0, error: { message: "later" } }],
  ])("%j", (value, plain) => {
    expect({ ...value }).toStrictEqual(plain);
    expect(isOutcome(value)).toBe(true);
    expect(Object.isFrozen(value)).toBe(true);
  });
});

describe("[trap 37] only what was made here is an outcome", () => {
  test.each<[string, unknown]>([
    ["a result that looks like one", { type: "success", result: 1 }],
    ["a result that looks like one of upstream's", { status: "error", job_id: "j", request_id: "r", error: { message: "m" } }],
    ["a copy of one", { ...outcome.success(1) }],
    ["one that went through JSON", JSON.parse(JSON.stringify(outcome.failure("m")))],
    ["null", null],
    ["a string", "success"],
  ])("%s is a result", (_title, value) => {
    expect(isOutcome(value)).toBe(false);
  });

  test("also by another copy of the package", () => {
    const foreign = Object.defineProperty({ type: "success", result: 1 }, Symbol.for("@rrq/protocol/outcome"), { value: true });
    expect(isOutcome(foreign)).toBe(true);
  });
});
