import { expect, test } from "vitest";
import { isTerminal, JOB_STATUSES, readJobStatus } from "./job-status.ts";
import { ttlSeconds } from "./keys.ts";

test("six statuses, three of them the end, CANCELLED among these [redis §3.3] [trap 47]", () => {
  expect(JOB_STATUSES).toHaveLength(6);
  expect(JOB_STATUSES.filter(isTerminal)).toStrictEqual(["COMPLETED", "FAILED", "CANCELLED"]);
});

test.each(["", "active", " ACTIVE", "UNKNOWN"])("%j is no status [redis §3]", (text) => {
  expect(readJobStatus(text)).toBeNull();
});

test("a dead-lettered or cancelled job lives 7 days [redis §6] [trap 60]", () => {
  expect(ttlSeconds.ended).toBe(604_800);
});
