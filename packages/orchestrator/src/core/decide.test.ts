import { JsonText, outcome } from "@rrq/protocol";
import { describe, expect, test } from "vitest";
import { decide, type Decision, type Ending, type RetryPolicy } from "./decide.ts";

const policy: RetryPolicy = { baseMs: 5_000, maxMs: 3_600_000, jitter: 0, retryOnTimeout: false };
const NOW = 10_000;
const DONE = new JsonText('{"n":1.0}');

function decideFor(retries: number, ending: Ending, change: Partial<RetryPolicy> = {}): Decision {
  return decide({ retries, maxAttempts: 3 }, ending, { ...policy, ...change }, NOW, 0);
}

describe("[orchestrator §5, §6] what becomes of a job", () => {
  test.each<[string, number, Ending, Decision]>([
    ["a success completes it", 0, { type: "success", result: DONE }, { kind: "complete", result: DONE }],
    ["a success on the last attempt completes it", 2, { type: "success", result: DONE }, { kind: "complete", result: DONE }],
    ["a first failure waits the base delay", 0, outcome.failure("boom"), { kind: "retry", runAt: 15_000, message: "boom" }],
    ["a second failure waits twice that", 1, outcome.failure("boom"), { kind: "retry", runAt: 20_000, message: "boom" }],
    ["the last failure dead-letters it", 2, outcome.failure("boom"), { kind: "dead-letter", why: "exhausted", message: "boom" }],
    ["an empty message stays empty", 0, outcome.failure(""), { kind: "retry", runAt: 15_000, message: "" }],
    ["[design §8] a failure marked not retryable dead-letters it at once", 0, outcome.failure("no", { retryable: false }), { kind: "dead-letter", why: "not-retryable", message: "no" }],
    ["retry_after waits what it says", 0, outcome.retryAfter(60, "busy"), { kind: "retry", runAt: 70_000, message: "busy" }],
    ["retry_after takes fractions", 0, outcome.retryAfter(0.2), { kind: "retry", runAt: 10_200, message: "Job requested retry" }],
    ["retry_after of nothing uses the back-off", 1, outcome.retryAfter(), { kind: "retry", runAt: 20_000, message: "Job requested retry" }],
    ["retry_after below zero is ready at once", 0, outcome.retryAfter(-1), { kind: "retry", runAt: 9_000, message: "Job requested retry" }],
    ["retry_after is not capped by the back-off's maximum", 0, outcome.retryAfter(7_200), { kind: "retry", runAt: 7_210_000, message: "Job requested retry" }],
    ["retry_after on the last attempt dead-letters it", 2, outcome.retryAfter(1, "busy"), { kind: "dead-letter", why: "exhausted", message: "busy" }],
    ["a timeout dead-letters it at once", 0, outcome.timeout("late"), { kind: "dead-letter", why: "timeout", message: "late" }],
    ["a missing handler dead-letters it at once", 0, outcome.handlerNotFound("x"), { kind: "dead-letter", why: "no-handler", message: "No handler registered for function 'x'" }],
    ["a cancelled that nobody asked for is a failure", 0, outcome.cancelled(), { kind: "retry", runAt: 15_000, message: "Job cancelled" }],
    ["a lost runner costs an attempt", 0, { type: "runner-lost", message: "runner connection closed" }, { kind: "retry", runAt: 15_000, message: "Runner transport error: runner connection closed" }],
    ["a lost runner on the last attempt dead-letters it", 2, { type: "runner-lost", message: "gone" }, { kind: "dead-letter", why: "exhausted", message: "Runner transport error: gone" }],
    ["[trap 19] a job that no runner took loses no attempt", 2, { type: "not-started", message: "down" }, { kind: "release", message: "down" }],
    ["[design §1] a job we interrupted loses no attempt", 2, { type: "interrupted", message: "shutdown" }, { kind: "release", message: "shutdown" }],
    ["a job that can never run is dead-lettered", 0, { type: "unrunnable", message: "Handler name is missing" }, { kind: "dead-letter", why: "unrunnable", message: "Handler name is missing" }],
  ])("%s", (_title, retries, ending, expected) => {
    expect(decideFor(retries, ending)).toEqual(expected);
  });

  test("[design §3] with retry_on_timeout a timeout is retried while attempts are left", () => {
    expect(decideFor(0, outcome.timeout("late"), { retryOnTimeout: true })).toMatchObject({ kind: "retry", runAt: 15_000 });
    expect(decideFor(2, outcome.timeout("late"), { retryOnTimeout: true })).toMatchObject({ kind: "dead-letter", why: "exhausted" });
  });

  test.each([0, 1])("max_retries %i means a single attempt", (maxAttempts) => {
    expect(decide({ retries: 0, maxAttempts }, outcome.failure("boom"), policy, NOW, 0)).toMatchObject({ kind: "dead-letter" });
  });
});
