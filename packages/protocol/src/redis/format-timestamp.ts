import { RrqError } from "../errors.ts";

/** The first and the last millisecond that RFC 3339 can spell: years 0000 to 9999. */
const FIRST = Date.parse("0000-01-01T00:00:00Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * A time as upstream writes it to Redis: RFC 3339 in UTC with `+00:00`, and as many digits of the second as it needs.
 * A part of a millisecond is cut off. Throws `INVALID_ARGUMENT` outside the years 0 to 9999.
 */
export function formatTimestamp(epochMs: number): string {
  if (!(epochMs >= FIRST && epochMs <= LAST)) {
    throw new RrqError("INVALID_ARGUMENT", `${epochMs} ms is no time between the years 0 and 9999`);
  }
  const text = new Date(Math.floor(epochMs)).toISOString();
  return `${text.endsWith(".000Z") ? text.slice(0, -5) : text.slice(0, -1)}+00:00`;
}
