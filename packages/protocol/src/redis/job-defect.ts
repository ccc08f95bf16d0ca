import { parseTimestamp } from "../timestamp.ts";
import { readInteger } from "./field-values.ts";
import { jobFields } from "./job-fields.ts";
import { readJobStatus } from "./job-status.ts";

/** Seconds (317 years) above which a timeout is absurd: Redis and the calendar refuse what would be made of it. */
export const MAX_TIMEOUT_SECONDS = 1e10;

/** A timeout that a job can be run with; `null` where the reader's default applies, and for an absurd one. */
export function readTimeout(text: string | undefined): number | null {
  const seconds = readInteger(text);
  return seconds !== null && seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS ? seconds : null;
}

/**
 * Why a job with these fields cannot be run; `null` if it can. Upstream's workers stop at some of these for ever:
 * its scripts fail on a timeout such as 1e14 or 5.0001, and leave it where it is.
 */
export function findJobDefect(fields: Readonly<Record<string, string>>): string | null {
  const status = fields[jobFields.status];
  if (status === undefined) return "it has no status";
  if (readJobStatus(status) === null) return `its status is ${quote(status)}`;
  const enqueueTime = fields[jobFields.enqueueTime];
  if (enqueueTime === undefined) return "it has no enqueue_time";
  if (parseTimestamp(enqueueTime, "strict") === null) return `its enqueue_time is ${quote(enqueueTime)}, which is no RFC 3339 time`;
  const timeout = fields[jobFields.timeout];
  if (timeout !== undefined && isAbsurdTimeout(timeout)) {
    return `its job_timeout_seconds is ${quote(timeout)}, not a whole number from 1 to ${MAX_TIMEOUT_SECONDS}`;
  }
  return null;
}

/** A number that no attempt can have as its timeout. What is no number at all means the default. */
function isAbsurdTimeout(text: string): boolean {
  const seconds = text.trim() === "" ? NaN : Number(text);
  return !Number.isNaN(seconds) && !(Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS);
}

function quote(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 57)}...`);
}
