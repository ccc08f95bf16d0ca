import { RrqError } from "@rrq/protocol";
import { Cron } from "croner";
import { CRON_FIELDS, CronFieldError, parseCronField } from "./cron-fields.ts";

/** When a cron entry is due. */
export interface CronSchedule {
  /** The first instant strictly after `afterMs`; `null` if there is none up to the year 2100. Both epoch milliseconds. */
  next(afterMs: number): number | null;
}

const SHORTHANDS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 0 1 1 *",
  "@monthly": "0 0 0 1 * *",
  "@weekly": "0 0 0 * * 1",
  "@daily": "0 0 0 * * *",
  "@hourly": "0 0 * * * *",
};

/**
 * A schedule in upstream's dialect: 6 or 7 fields `sec min hour day-of-month month day-of-week [year]`, 1 = Sunday, both day
 * fields must match, names in any letter case, lists, ranges and steps; `@yearly` to `@hourly`. `timezone` is an IANA name:
 * a local time that a change of the clocks skips is due at the end of the gap, one that it doubles is due once.
 * Throws `INVALID_CONFIG`.
 */
export function parseSchedule(text: string, timezone = "UTC"): CronSchedule {
  const invalid = (why: string): RrqError => new RrqError("INVALID_CONFIG", `invalid cron schedule '${text}': ${why}`);
  const fields = splitFields(SHORTHANDS[text.trim()] ?? text);
  if (fields.length < 6 || fields.length > 7) {
    throw invalid(
      `it has ${fields.length} fields, and takes 6 or 7: second minute hour day-of-month month day-of-week [year]` +
        (fields.length === 5 ? `. A crontab line needs a second in front: '0 ${text.trim()}'` : ""),
    );
  }
  if (!isTimeZone(timezone)) throw invalid(`'${timezone}' is no time zone; it takes a name such as Europe/Berlin, or UTC`);
  try {
    return openSchedule(fields, timezone);
  } catch (error) {
    if (error instanceof CronFieldError) throw invalid(error.message);
    throw error;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Blanks part the fields, but for those around a `,` or a `-` inside of one. */
function splitFields(text: string): string[] {
  return text
    .trim()
    .replace(/\s*([,/-])\s*/g, "$1")
    .split(/\s+/);
}

function openSchedule(fields: readonly string[], timezone: string): CronSchedule {
  const values = CRON_FIELDS.map((field, index) => parseCronField(fields[index] ?? "*", field));
  // Plain numbers leave nothing to interpret: the library only finds the next match in the calendar of the zone.
  const pattern = values.map((list) => (list === "*" ? "*" : list.join(","))).join(" ");
  const cron = new Cron(pattern, {
    mode: "7-part",
    timezone,
    alternativeWeekdays: true,
    domAndDow: true,
    paused: true,
  });
  return { next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() ?? null };
}
