import { expect, test } from "vitest";
import { nextRestart, RECONNECTS, type RestartPolicy, RESTARTS } from "./restart-policy.ts";

const policy: RestartPolicy = { firstPauseMs: 100, maxPauseMs: 2_000, breakAfter: 6, breakMs: 30_000, steadyMs: 2_000 };

test.each<[string, [failuresBefore: number, upMs: number], object]>([
  ["the first failure waits a little", [0, 0], { failures: 1, pauseMs: 100, broken: false }],
  ["the second waits twice that", [1, 0], { failures: 2, pauseMs: 200, broken: false }],
  ["the fifth", [4, 0], { failures: 5, pauseMs: 1_600, broken: false }],
  ["the sixth in a row is one too many: it is tried only now and then", [5, 0], { failures: 6, pauseMs: 30_000, broken: true }],
  ["and stays so", [400, 1_999], { failures: 401, pauseMs: 30_000, broken: true }],
  ["one that was up for long begins a new row", [5, 2_000], { failures: 1, pauseMs: 100, broken: false }],
])("[trap 21] %s", (_title, [before, upMs], expected) => {
  expect(nextRestart(before, upMs, policy)).toEqual(expected);
});

test("[trap 19] one that is only connected to is never left alone for long, however often it failed", () => {
  for (const before of [5, 100, 1e9]) {
    expect(nextRestart(before, 0, RECONNECTS)).toMatchObject({ pauseMs: RECONNECTS.maxPauseMs, broken: false });
  }
});

test("[trap 21] pauses never shrink within a row", () => {
  const pauses = Array.from({ length: 20 }, (_, before) => nextRestart(before, 0, RESTARTS).pauseMs);
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
});
