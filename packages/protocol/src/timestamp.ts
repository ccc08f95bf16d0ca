/** Epoch milliseconds of an RFC 3339 text, finer digits cut off; `null` if it is none. */
export function parseTimestamp(text: string, form: "lenient" | "strict" = "lenient"): number | null {
  throw new Error(`not written yet: ${text} ${form}`);
}

/** Whether `text` is an RFC 3339 time. */
export function isTimestamp(text: string, form: "lenient" | "strict" = "lenient"): boolean {
  return parseTimestamp(text, form) !== null;
}
