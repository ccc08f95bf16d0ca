/** Values that make a log line findable: ids, counts, reasons. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the orchestrator tells what it does. Messages are constant; what varies is in the fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines all carry `fields`. */
  child(fields: LogFields): Log;
}
