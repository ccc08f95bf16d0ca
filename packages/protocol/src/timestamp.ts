/**
 * How much of a time may differ from RFC 3339: `lenient`, as upstream reads frames, also takes an offset without colon;
 * `strict`, as upstream reads Redis, does not. Both take a blank or `t` for `T`, `z` for `Z`, `:60`, any number of digits.
 */
export type TimestampForm = "lenient" | "strict";

const PATTERN = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d)(:?)(\d\d))$/;

const MINUTE_MS = 60_000;

/** Epoch milliseconds of an RFC 3339 time, finer digits cut off; `null` if `text` is none. */
export function parseTimestamp(text: string, form: TimestampForm = "lenient"): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = "", sign, offsetHour = "0", colon, offsetMinute = "0"] = match;
  if (form === "strict" && colon === "") return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null;

  const date = new Date(0);
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;

  const ms = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const local = date.getTime() + (Number(hour) * 60 + Number(minute)) * MINUTE_MS + Number(second) * 1000 + ms;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * MINUTE_MS;
  return sign === "-" ? local + offset : local - offset;
}

/** Whether `text` is an RFC 3339 time. */
export function isTimestamp(text: string, form: TimestampForm = "lenient"): boolean {
  return parseTimestamp(text, form) !== null;
}
