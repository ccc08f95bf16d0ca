import { RrqError } from "@rrq/protocol";

/** The first and the last instant that can be stored, in epoch milliseconds: years 0000 to 9999. */
const FIRST_INSTANT = Date.parse("0000-01-01T00:00:00Z");
const LAST_INSTANT = Date.parse("9999-12-31T23:59:59.999Z");

/** Attempts that an integer of every reader can count. */
export const MAX_ATTEMPTS = 2 ** 31 - 1;

/** Refuses what an option cannot mean: `<name> takes <what>; got <value>`. */
export function invalidOption(name: string, takes: string, got: unknown): RrqError {
  return new RrqError("INVALID_ARGUMENT", `${name} takes ${takes}; got ${show(got)}`);
}

/** Text that says something and that UTF-8 can hold. Stored as it is. */
export function checkText(name: string, value: unknown): string {
  if (typeof value === "string" && value.trim() !== "" && !/\p{Surrogate}/u.test(value)) return value;
  throw invalidOption(name, "text that is not blank", value);
}

/** Any text that is not empty. */
export function checkId(id: unknown): string {
  if (typeof id === "string" && id !== "" && !/\p{Surrogate}/u.test(id)) return id;
  throw invalidOption("id", "text that is not empty", id);
}

export function checkWhole(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw invalidOption(name, `a whole number from ${least} to ${most}`, value);
}

/** Seconds as whole milliseconds, rounded up. */
export function checkSeconds(name: string, value: unknown, least: "zero" | "above zero", most: number): number {
  const fits = typeof value === "number" && value <= most && (least === "zero" ? value >= 0 : value > 0);
  if (!fits) throw invalidOption(name, `seconds, ${least === "zero" ? "0 or more" : "more than 0"}, at most ${most}`, value);
  return Math.ceil(value * 1_000);
}

/** An instant as whole epoch milliseconds. */
export function checkInstant(name: string, value: unknown): number {
  const ms = value instanceof Date ? value.getTime() : value;
  if (typeof ms === "number" && ms >= FIRST_INSTANT && ms <= LAST_INSTANT) return Math.floor(ms);
  throw invalidOption(name, "a date, or epoch milliseconds, in the years 0 to 9999", value);
}

/** A record of strings; absent and empty alike are `null`. */
export function checkStrings(name: string, value: unknown): Readonly<Record<string, string>> | null {
  if (value == null) return null;
  const isRecord = typeof value === "object" && !Array.isArray(value);
  const wellFormed = (text: unknown): boolean => typeof text === "string" && !/\p{Surrogate}/u.test(text);
  if (!isRecord || !Object.entries(value).flat().every(wellFormed)) {
    throw invalidOption(name, "an object whose values are all text", value);
  }
  return Object.keys(value).length === 0 ? null : (value as Record<string, string>);
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length <= 60 ? value : `${value.slice(0, 57)}...`);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid date" : value.toISOString();
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return String(value);
}
