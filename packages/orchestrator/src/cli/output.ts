/** Results go to stdout, everything else to stderr. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A result as one JSON document. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** A reader of results that hangs up, `| head -1`, ends us without a word. One of the log does not: a line is not worth a job. */
export function endQuietlyOnHangUp(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  process.stderr.on("error", () => undefined);
}

/** ISO 8601 of epoch milliseconds; `null` for none, and for what no calendar has. */
export function isoTime(ms: number | null): string | null {
  if (ms === null || Math.abs(ms) > 8.64e15) return null;
  return new Date(ms).toISOString();
}
