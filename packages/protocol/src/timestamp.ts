/**
 * How much of a time may differ from RFC 3339: `lenient`, as upstream reads frames, also takes an offset without colon;
 * `strict`, as upstream reads Redis, does not. Both take a blank or `t` for `T`, `z` for `Z`, `:60`, any number of digits.
 */
export type TimestampForm = "lenient" | "strict";

const PATTERN = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d)(:?)(\d\d))$/;

const MINUTE_MS = 60_000;

/** Of a year that does not leap; January is 1. */
const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Calendars repeat after 400 years. */
const CYCLE_MS = 146_097 * 24 * 60 * MINUTE_MS;

/** Epoch milliseconds of an RFC 3339 time, finer digits cut off; `null` if `text` is none. */
export function parseTimestamp(text: string, form: TimestampForm = "lenient"): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  const hour = Number(match[4]);
  const minute = Number(match[5]);
  const second = Number(match[6]);
  const fraction = match[7];
  const offset = match[8] === undefined ? 0 : readOffset(match[8], Number(match[9]), Number(match[11]));
  if (form === "strict" && match[10] === "") return null;
  if (offset === null || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 60) return null;

  // One cycle up and down again: Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const utc = Date.UTC(year + 400, month - 1, day, hour, minute, second) - CYCLE_MS;
  const ms = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, "0"));
  return utc + ms - offset;
}

function readOffset(sign: string, hours: number, minutes: number): number | null {
  if (hours > 23 || minutes > 59) return null;
  return (hours * 60 + minutes) * (sign === "-" ? -MINUTE_MS : MINUTE_MS);
}

/** 0 for what is no month. */
function daysIn(year: number, month: number): number {
  const leaps = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leaps ? 29 : (DAYS[month] ?? 0);
}

/** Whether `text` is an RFC 3339 time. */
export function isTimestamp(text: string, form: TimestampForm = "lenient"): boolean {
  return parseTimestamp(text, form) !== null;
}
