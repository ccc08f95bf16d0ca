import { describe, expect, test } from "vitest";
import { callerWaits, needsCancel, nextPhase, type RequestEvent, type RequestPhase } from "./request-phase.ts";

const EVENTS: readonly RequestEvent[] = ["answered", "answered-still-running", "refused", "aborted", "due"];

describe("[trap 22] a slot is free when the handler has ended, and not before", () => {
  test.each<[from: RequestPhase, to: Readonly<Record<RequestEvent, RequestPhase>>]>([
    ["running", { answered: "ended", "answered-still-running": "stuck", refused: "resting", aborted: "cancelling", due: "overrun" }],
    ["cancelling", { answered: "ended", "answered-still-running": "stuck", refused: "resting", aborted: "cancelling", due: "stuck" }],
    ["overrun", { answered: "ended", "answered-still-running": "stuck", refused: "ended", aborted: "overrun", due: "stuck" }],
    ["stuck", { answered: "ended", "answered-still-running": "stuck", refused: "ended", aborted: "stuck", due: "stuck" }],
  ])("from %s", (from, to) => {
    expect(Object.fromEntries(EVENTS.map((event) => [event, nextPhase(from, event)]))).toEqual(to);
  });

  test("no time that passes frees the slot of a handler that runs", () => {
    let phase: RequestPhase = "running";
    for (let step = 0; step < 10; step += 1) {
      phase = nextPhase(phase, "due");
      expect(phase).not.toBe("ended");
    }
    expect(phase).toBe("stuck");
  });

  test("a slot that rests is free after its time", () => {
    expect(nextPhase("resting", "due")).toBe("ended");
  });
});

test.each<[RequestPhase, boolean]>([
  ["running", true],
  ["cancelling", true],
  ["overrun", false],
  ["stuck", false],
  ["resting", false],
  ["ended", false],
])("the caller of a request that is %s waits: %s", (phase, waits) => {
  expect(callerWaits(phase)).toBe(waits);
});

test.each<[RequestPhase, RequestPhase, boolean]>([
  ["running", "cancelling", true],
  ["running", "overrun", true],
  ["running", "ended", false],
  ["running", "stuck", false], // it said itself that it goes on, and why
  ["running", "resting", false],
  ["cancelling", "stuck", false],
  ["overrun", "stuck", false],
])("[wire §3.5] from %s to %s a cancel is sent: %s", (before, after, sent) => {
  expect(needsCancel(before, after)).toBe(sent);
});
