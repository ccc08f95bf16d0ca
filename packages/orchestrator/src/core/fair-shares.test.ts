import { expect, test } from "vitest";
import { fairShare, rotate } from "./fair-shares.ts";

test.each([
  [4, 2, 2],
  [5, 2, 3],
  [1, 3, 1],
  [64, 1, 64],
])("[orchestrator §3.1] %i free slots over %i queues: up to %i each in the first pass", (free, queues, expected) => {
  expect(fairShare(free, queues)).toBe(expected);
});

test("[orchestrator §3.1] each queue is first in turn", () => {
  const queues = ["a", "b", "c"];
  expect([0, 1, 2, 3].map((round) => rotate(queues, round).join(""))).toEqual(["abc", "bca", "cab", "abc"]);
});

test("no queues rotate to none", () => {
  expect(rotate([], 3)).toEqual([]);
});
