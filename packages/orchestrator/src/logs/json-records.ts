import { type Logger, pino } from "pino";
import type { RecordSink } from "./log-record.ts";

/** Lines of JSON in upstream's form: `timestamp`, `level`, `target`, and `fields` with the message and the rest. */
export function jsonRecords(write: (line: string) => void): RecordSink {
  let at = 0;
  const root = pino(
    {
      level: "debug",
      base: null,
      nestedKey: "fields",
      timestamp: () => `,"timestamp":"${new Date(at).toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    },
    { write },
  );
  const byTarget = new Map<string, Logger>();
  return ({ level, target, message, fields, ...record }) => {
    let logger = byTarget.get(target);
    if (logger === undefined) byTarget.set(target, (logger = root.child({ target })));
    at = record.at;
    logger[level]({ message, ...fields });
  };
}
