import type { Readable } from "node:stream";
import type { Log, LogFields } from "../log.ts";
import { LineSplitter } from "./line-splitter.ts";

/** Bytes of a captured line that are kept. */
const MAX_LINE_BYTES = 64 * 1024;
/** Lines that an error about the process quotes. */
const LAST_LINES = 10;
/** Characters of each of them. */
const LAST_LINE_CHARS = 500;

export type OutputStream = "stdout" | "stderr";

/** What a process wrote last, for the error that says why it ended. */
export interface LastLines {
  readonly lines: readonly string[];
}

/**
 * Passes every line that a runner writes to `stream` on to `log`. A line that is a JSON object keeps its own message,
 * level and fields, so the job that it names stays with it; any other is a message as it stands.
 */
export function captureOutput(
  output: Readable,
  origin: { readonly runner: string; readonly stream: OutputStream; readonly pid: number },
  log: Log,
): LastLines {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  const labelled = log.child({
    "rrq.runner": origin.runner,
    "rrq.stream": origin.stream,
    "rrq.source": "runner",
    "rrq.pid": origin.pid,
  });
  const last: string[] = [];
  const tell = (lines: readonly string[]): void => {
    for (const line of lines) {
      if (line === "") continue;
      if (last.push(line.slice(0, LAST_LINE_CHARS)) > LAST_LINES) last.shift();
      const record = readLine(line, origin.stream);
      labelled[record.level](record.message, record.fields);
    }
  };
  output.on("data", (chunk: Buffer) => tell(splitter.push(chunk)));
  output.on("close", () => tell(splitter.end()));
  output.on("error", (error) => labelled.warn("runner output cannot be read", { error: error.message }));
  return { lines: last };
}

interface CapturedRecord {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** What a line of a runner's output says. Takes flat JSON records and those that keep their values in `fields`. */
function readLine(line: string, stream: OutputStream): CapturedRecord {
  const level = stream === "stdout" ? "info" : "error";
  const record = parseObject(line);
  if (record === null) return { level, message: line, fields: {} };
  const { level: given, fields: nested, ...flat } = record;
  const values = { ...flat, ...(isObject(nested) ? nested : nested === undefined ? {} : { fields: nested }) };
  const { message, msg, ...fields } = values;
  const text = message ?? msg;
  return {
    level: LEVELS.get(String(given).toLowerCase()) ?? level,
    message: typeof text === "string" ? text : line,
    fields,
  };
}

const LEVELS: ReadonlyMap<string, CapturedRecord["level"]> = new Map([
  ["trace", "debug"],
  ["debug", "debug"],
  ["info", "info"],
  ["warn", "warn"],
  ["warning", "warn"],
  ["error", "error"],
  ["fatal", "error"],
  ["critical", "error"],
]);

function parseObject(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
