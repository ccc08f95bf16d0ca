import type { LogLevel } from "./log-filter.ts";
import type { RecordSink } from "./log-record.ts";

const COLOURS: Readonly<Record<LogLevel, number>> = { error: 31, warn: 33, info: 32, debug: 34 };
const [BOLD, DIM] = [1, 2];

export interface PrettyOptions {
  readonly colour: boolean;
}

/** Lines for people: `2026-02-14T09:31:07.123Z  INFO rrq: worker started worker_id=…`, with the rest of a longer text indented below. */
export function prettyRecords(write: (line: string) => void, { colour }: PrettyOptions): RecordSink {
  const paint = (code: number, text: string): string => (colour ? `\u001B[${code}m${text}\u001B[0m` : text);
  return ({ at, level, target, message, fields }) => {
    const time = paint(DIM, new Date(at).toISOString());
    const label = paint(COLOURS[level], level.toUpperCase().padStart(5));
    const below: string[] = [];
    const beside = Object.entries(fields).map(([name, value]) => {
      const text = show(value);
      if (!text.includes("\n")) return ` ${paint(DIM, `${printable(name)}=`)}${text}`;
      below.push(`${printable(name)}:`, ...text.split("\n"));
      return "";
    });
    const rest = below.map((line) => `    ${printable(line)}\n`).join("");
    write(`${time} ${label} ${paint(DIM, `${printable(target)}:`)} ${paint(BOLD, printable(message))}${beside.join("")}\n${rest}`);
  };
}

/** Words as they are, longer texts of one line in quotes, texts of many lines as they are. */
function show(value: unknown): string {
  if (typeof value !== "string") return String(JSON.stringify(value));
  return value.includes("\n") || /^[\w.:/#@+-]+$/.test(value) ? value : JSON.stringify(value);
}

/** Without what would steer a terminal or start a line of its own: what a handler prints, comes by here too. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- those are what it is about
  return text.replace(/[\u0000-\u001F\u007F-\u009F]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
