import type { LogFields } from "../log.ts";
import type { LogLevel } from "./log-filter.ts";

/** One line, before it has a form. */
export interface LogRecord {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly level: LogLevel;
  /** The part of the program that says it: `rrq`, `rrq::…`. */
  readonly target: string;
  readonly message: string;
  /** Without a `message`. */
  readonly fields: LogFields;
}

/** Where records go. */
export type RecordSink = (record: LogRecord) => void;
