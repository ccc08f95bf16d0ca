import { type Clock, systemClock } from "@rrq/protocol/runtime";

/** Values that make a line findable: ids, counts, reasons. What JSON cannot hold is told as text. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where lines go. Messages are constant; what varies is in the fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** How much is told; each level includes those before it. */
export type LogLevel = "off" | "error" | "warn" | "info" | "debug";

const LEVELS: readonly LogLevel[] = ["off", "error", "warn", "info", "debug"];

interface JsonLineLogOptions {
  readonly level: LogLevel;
  readonly target: string;
  readonly clock: Clock;
  /** Takes a line with its end. Must not throw. */
  readonly write: (line: string) => void;
}

/**
 * Writes one JSON object per line, in the shape of upstream's records: `timestamp`, `level`, `fields` with the message, `target`.
 */
export function jsonLineLog(options: JsonLineLogOptions): Log {
  const enabled = LEVELS.indexOf(options.level);
  const at =
    (level: Exclude<LogLevel, "off">) =>
    (message: string, fields?: LogFields): void => {
      if (LEVELS.indexOf(level) > enabled) return;
      const timestamp = new Date(options.clock.now()).toISOString();
      options.write(`${toLine({ timestamp, level: level.toUpperCase(), target: options.target }, message, fields)}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Where the lines of a runner go unless an option says otherwise. */
export function stderrLog(level: LogLevel, target = "rrq::runner"): Log {
  return jsonLineLog({ level, target, clock: systemClock, write: (line) => process.stderr.write(line) });
}

/** A log whose lines all carry `fields`; a line's own fields cannot overwrite them. */
export function withFields(log: Log, fields: LogFields): Log {
  return {
    debug: (message, more) => log.debug(message, { ...more, ...fields }),
    info: (message, more) => log.info(message, { ...more, ...fields }),
    warn: (message, more) => log.warn(message, { ...more, ...fields }),
    error: (message, more) => log.error(message, { ...more, ...fields }),
  };
}

/**
 * The level that `RUST_LOG` asks for: its bare directive, or the one for `rrq` or `rrq::runner`.
 * Unset or not understood: `info`.
 */
export function logLevelOf(rustLog: string | undefined): LogLevel {
  let bare: LogLevel | undefined;
  let ours: LogLevel | undefined;
  for (const directive of (rustLog ?? "").split(",")) {
    const at = directive.indexOf("=");
    const level = directive.slice(at + 1).trim().toLowerCase();
    const name = level === "trace" ? "debug" : level;
    const known = LEVELS.find((candidate) => candidate === name);
    if (known === undefined) continue;
    if (at === -1) bare = known;
    else if (/^rrq(::runner)?$/.test(directive.slice(0, at).trim())) ours = known;
  }
  return ours ?? bare ?? "info";
}

function toLine(head: Readonly<Record<"timestamp" | "level" | "target", string>>, message: string, fields?: LogFields): string {
  const { timestamp, level, target } = head;
  try {
    // The message stands first, and no field can take its place.
    return JSON.stringify({ timestamp, level, fields: Object.assign({ message }, fields, { message }), target }, tellable);
  } catch {
    // A cycle, or a getter that throws: the message is worth more than the fields.
    return JSON.stringify({ timestamp, level, fields: { message: String(message), unloggable: true }, target });
  }
}

function tellable(_key: string, value: unknown): unknown {
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function") return String(value);
  if (value instanceof Error) return value.stack ?? String(value);
  return value;
}
