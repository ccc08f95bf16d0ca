import { systemClock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import { createLog } from "../logs/create-log.ts";
import type { LogRecord } from "../logs/log-record.ts";

/** A log that keeps what it is told, of every level. */
export function keptLog(): { readonly log: Log; readonly records: LogRecord[] } {
  const records: LogRecord[] = [];
  return { records, log: createLog({ filter: () => "debug", sink: (record) => records.push(record), clock: systemClock }) };
}
