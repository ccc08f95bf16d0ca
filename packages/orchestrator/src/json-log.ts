import { systemClock } from "@rrq/protocol/runtime";
import { pino, stdSerializers } from "pino";
import type { Log, LogFields } from "./log.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "off";
const LEVELS: readonly string[] = ["trace", "debug", "info", "warn", "error", "off"];

export interface JsonLogOptions {
  /** @default "info" */
  readonly level?: LogLevel;
  /** File descriptor. @default 2, stderr: stdout is for results */
  readonly fd?: number;
}

/** JSON lines in upstream's form: `timestamp`, `level`, `fields.message` with the other fields beside it, `target`. */
export function createJsonLog(options: JsonLogOptions = {}): Log {
  const { level = "info", fd = 2 } = options;
  const destination = pino.destination({ fd, sync: true });
  // A full disk or a closed pipe behind stderr must not cost a job.
  destination.on("error", () => undefined);
  const logger = pino(
    {
      level: level === "off" ? "silent" : level,
      base: { target: "rrq" },
      nestedKey: "fields",
      timestamp: () => `,"timestamp":"${new Date(systemClock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
      serializers: { error: stdSerializers.err },
    },
    destination,
  );
  const withFields = (bound: LogFields): Log => ({
    debug: (message, fields) => logger.debug({ message, ...bound, ...fields }),
    info: (message, fields) => logger.info({ message, ...bound, ...fields }),
    warn: (message, fields) => logger.warn({ message, ...bound, ...fields }),
    error: (message, fields) => logger.error({ message, ...bound, ...fields }),
    child: (fields) => withFields({ ...bound, ...fields }),
  });
  return withFields({});
}

/** The level that `RUST_LOG` asks for: its bare directive, or the one for `rrq`; `info` if it is unset or not understood. */
export function logLevelOf(rustLog: string | undefined): LogLevel {
  let level: LogLevel = "info";
  for (const directive of (rustLog ?? "").split(",")) {
    const [target, named] = directive.includes("=") ? directive.split("=", 2) : ["rrq", directive];
    const wanted = named?.trim().toLowerCase() ?? "";
    if (target?.trim() === "rrq" && LEVELS.includes(wanted)) level = wanted as LogLevel;
  }
  return level;
}
