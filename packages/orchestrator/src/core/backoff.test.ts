import { describe, expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

const policy = { baseMs: 5_000, maxMs: 3_600_000, jitter: 0 };

describe("[orchestrator §7] the delay before the next attempt", () => {
  test.each([
    [1, 5_000],
    [2, 10_000],
    [3, 20_000],
    [10, 2_560_000],
    [11, 3_600_000],
    [1_000, 3_600_000],
  ])("after failure %i is %i ms by default", (failures, expected) => {
    expect(backoffMs(failures, policy, 0.5)).toBe(expected);
  });

  test.each([
    [1, 10],
    [2, 20],
    [3, 40],
    [4, 50],
  ])("is capped: failure %i waits %i ms with base 10 and cap 50", (failures, expected) => {
    expect(backoffMs(failures, { baseMs: 10, maxMs: 50, jitter: 0 }, 0.9)).toBe(expected);
  });

  test("[design §3] is spread below the formula by the jitter", () => {
    const spread = { ...policy, jitter: 0.2 };
    expect(backoffMs(2, spread, 0)).toBe(10_000);
    expect(backoffMs(2, spread, 0.5)).toBe(9_000);
    expect(backoffMs(2, spread, 0.999_999)).toBeGreaterThan(7_999);
  });
});
