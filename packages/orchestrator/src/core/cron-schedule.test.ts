import { describe, expect, test } from "vitest";
import { parseSchedule } from "./cron-schedule.ts";

/** The next instant after `after`, as ISO text. */
function next(schedule: string, after: string, timezone?: string): string | null {
  const at = parseSchedule(schedule, timezone).next(Date.parse(after));
  return at === null ? null : new Date(at).toISOString().replace(".000Z", "Z");
}

describe("[orchestrator §11.1] the next time of a schedule", () => {
  test.each([
    ["0 * * * * *", "2024-01-01T00:00:30Z", "2024-01-01T00:01:00Z"],
    ["0 * * * * *", "2024-01-01T00:00:00Z", "2024-01-01T00:01:00Z"],
    ["0 0 9 * * *", "2024-01-01T09:00:59Z", "2024-01-02T09:00:00Z"],
    ["0 30 9 * * MON-FRI", "2024-01-05T10:00:00Z", "2024-01-08T09:30:00Z"],
    ["0 0 0 31 * *", "2024-02-01T00:00:00Z", "2024-03-31T00:00:00Z"],
    ["0 0 12 1 * MON", "2024-01-02T00:00:00Z", "2024-04-01T12:00:00Z"],
    ["0 0 0 29 2 *", "2024-03-01T00:00:00Z", "2028-02-29T00:00:00Z"],
    ["0 0 12 ? * 1", "2024-01-01T00:00:00Z", "2024-01-07T12:00:00Z"],
    ["0 10/20 * * * *", "2024-01-01T00:00:00Z", "2024-01-01T00:10:00Z"],
    ["0 0 0 1 1 * 2030", "2024-01-01T00:00:00Z", "2030-01-01T00:00:00Z"],
  ])("upstream's vector %s after %s", (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  test.each([
    ["*/10 * * * * *", "2024-01-01T00:00:35Z", "2024-01-01T00:00:40Z"],
    ["15 * * * * *", "2024-01-01T00:00:40Z", "2024-01-01T00:01:15Z"],
    ["15 * * * * *", "2024-01-01T00:00:15Z", "2024-01-01T00:01:15Z"],
    ["30 0 9 * * *", "2024-01-01T09:00:30Z", "2024-01-02T09:00:30Z"],
  ])("[trap 25] %s is due strictly after %s, once a match", (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  test.each([
    ["day names, any case", "0 0 0 * * tues,Thurs,SATURDAY", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"],
    ["month names", "0 0 0 1 february-Mar *", "2024-02-02T00:00:00Z", "2024-03-01T00:00:00Z"],
    ["a step over a range of names", "0 0 0 * * SUN-SAT/2", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"],
    ["Sunday is 1, Saturday is 7", "0 0 0 * * 7", "2024-01-01T00:00:00Z", "2024-01-06T00:00:00Z"],
    ["a step over ?", "0 0 0 ?/15 * ?", "2024-01-02T00:00:00Z", "2024-01-16T00:00:00Z"],
    ["blanks inside an item", "0 0 0 1 , 2 * MON - FRI", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"],
    ["@yearly", "@yearly", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"],
    ["@monthly", "@monthly", "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"],
    ["@weekly is Sunday", "@weekly", "2024-01-01T00:00:00Z", "2024-01-07T00:00:00Z"],
    ["@daily", "@daily", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"],
    ["@hourly", "@hourly", "2024-01-01T00:30:00Z", "2024-01-01T01:00:00Z"],
  ])("takes %s", (_title, schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  test.each([
    ["a year that is over", "0 0 0 1 1 * 2020"],
    ["a day that never comes", "0 0 0 30 2 *"],
  ])("is none for %s", (_title, schedule) => {
    expect(next(schedule, "2024-01-01T00:00:00Z")).toBeNull();
  });
});

describe("[design §8] time zones", () => {
  test.each([
    ["local time", "0 0 9 * * *", "2026-07-01T00:00:00Z", "2026-07-01T07:00:00Z"],
    ["a time that is skipped is due at the end of the gap", "0 30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"],
    ["a doubled time is due once: first", "0 30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"],
    ["a doubled time is due once: then the next day", "0 30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
  ])("Berlin: %s", (_title, schedule, after, expected) => {
    expect(next(schedule, after, "Europe/Berlin")).toBe(expected);
  });
});

describe("[trap 27] a bad schedule is refused, with its field and what it takes", () => {
  test.each([
    ["* * * * *", "it has 5 fields, and takes 6 or 7: second minute hour day-of-month month day-of-week [year]. A crontab line needs a second in front: '0 * * * * *'"],
    ["0 0 0 * * 0", "day of week '0': it takes 1 to 7, or a name such as sun"],
    ["60 * * * * *", "second '60': it takes 0 to 59"],
    ["0 0 0 * * Tues/2", "day of week 'Tues/2': a step after a single name"],
    ["0 0 0 * * 3-THURS", "day of week '3-THURS': a range is of two numbers or of two names"],
    ["0 0 0 * * FRI-MON", "day of week 'FRI-MON': a range goes upwards"],
    ["0 50-10 * * * *", "minute '50-10': a range goes upwards"],
    ["*/0 * * * * *", "second '*/0': its step must be 1 to 59"],
    ["*/60 * * * * *", "second '*/60': its step must be 1 to 59"],
    ["0 ? * * * *", "minute '?'"],
    ["0 0 0 L * *", "day of month 'L'"],
    ["0 0 0 * * 2#1", "day of week '2#1'"],
    ["0 0 0 1 1 * 1969", "year '1969': it takes 1970 to 2100"],
    ["@annually", "it has 1 fields"],
    ["@Daily", "it has 1 fields"],
    ["1/2/3 * * * * *", "more than one '/'"],
    ["", "it has 1 fields"],
  ])("%j", (schedule, why) => {
    expect(() => parseSchedule(schedule)).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }) as Error);
    expect(() => parseSchedule(schedule)).toThrow(why);
  });

  test("a zone that does not exist", () => {
    expect(() => parseSchedule("@daily", "Mars/Olympus")).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }) as Error);
  });
});
