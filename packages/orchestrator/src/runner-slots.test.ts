import { type ExecutionOutcome, outcome, type Runner } from "@rrq/protocol";
import { describe, expect, test } from "vitest";
import { RunnerSlots } from "./runner-slots.ts";
import { buildRequest } from "./testing/build-request.ts";

const request = buildRequest("j");

/** Answers when told to; tells two slots less what it has, as a pool does. */
function openRunner(slots?: number) {
  const answers: ((value: ExecutionOutcome) => void)[] = [];
  const runner: Runner = {
    execute: () => new Promise((resolve) => answers.push(resolve)),
    ...(slots === undefined ? {} : { freeSlots: () => slots - answers.length }),
    close: () => Promise.resolve(),
  };
  return { runner, answer: () => answers.pop()?.(outcome.success()) };
}

describe("the slots of a runner", () => {
  test("[design §5] a slot is given away only once the job's end is in Redis", async () => {
    const { runner, answer } = openRunner(2);
    const slots = new RunnerSlots(runner);
    expect(slots.free).toBe(2);
    slots.hold();
    const execution = slots.execute(request, AbortSignal.abort());
    expect(slots.free).toBe(1);
    answer();
    await execution;
    expect(slots.free).toBe(1);
    slots.giveBack();
    expect(slots.free).toBe(2);
  });

  test("a job that was claimed and not sent yet holds one", () => {
    const slots = new RunnerSlots(openRunner(2).runner);
    slots.hold();
    expect(slots.free).toBe(1);
  });

  test.each([undefined, Infinity])("a runner that tells %s slots takes 64 at once", (told) => {
    const slots = new RunnerSlots(openRunner(told).runner);
    expect(slots.free).toBe(64);
    slots.hold();
    void slots.execute(request, AbortSignal.abort());
    expect(slots.free).toBe(63);
  });
});
