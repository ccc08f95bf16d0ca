import { describe, expect, test } from "vitest";
import { findDue, MOST_MISSES } from "./cron-due.ts";
import { parseSchedule } from "./cron-schedule.ts";

const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);
const due = (schedule: string, last: string, now: string) => findDue(parseSchedule(schedule), at(last), at(now));

describe("[trap 28] which slots of a schedule are due, and which were missed", () => {
  test.each<[string, string, string, string, string | null, string[]]>([
    ["none before the next", "0 * * * * *", "09:00:00", "09:00:59", null, []],
    ["the one that has come", "0 * * * * *", "09:00:00", "09:01:00", "09:01:00", []],
    ["one that came half a minute ago", "0 * * * * *", "09:00:00", "09:01:30", "09:01:00", []],
    ["one that is longer ago was missed", "0 * * * * *", "09:00:00", "09:01:31", null, ["09:01:00"]],
    ["of several the latest is due, the others were missed", "*/10 * * * * *", "09:00:00", "09:00:35", "09:00:30", ["09:00:10", "09:00:20"]],
    ["[trap 25] the last slot itself is not due again", "30 0 9 * * *", "09:00:30", "09:00:59", null, []],
  ])("%s", (_title, schedule, last, now, slotAt, missed) => {
    expect(due(schedule, last, now)).toEqual({ slotAt: slotAt === null ? null : at(slotAt), missed: missed.map(at) });
  });

  test("a year of seconds is not gone through one by one", () => {
    const now = at("12:00:00");
    const started = performance.now();
    const { slotAt, missed } = findDue(parseSchedule("* * * * * *"), now - 365 * 86_400_000, now);
    expect(slotAt).toBe(now);
    expect(missed).toHaveLength(MOST_MISSES);
    expect(missed.at(-1)).toBe(now - 1_000);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
