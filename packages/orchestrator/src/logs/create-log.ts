import type { Clock } from "@rrq/protocol/runtime";
import type { Log, LogFields } from "../log.ts";
import { isTold, type LogFilter, type LogLevel } from "./log-filter.ts";
import type { RecordSink } from "./log-record.ts";
import { tellable, withoutLogins } from "./tellable.ts";

export interface CreateLogOptions {
  readonly filter: LogFilter;
  readonly sink: RecordSink;
  readonly clock: Clock;
}

/**
 * A log whose records go to `sink`. A `target` among the fields of a child becomes the target of its records, and with that
 * what the filter goes by. Nothing that is told throws: a line is not worth a job.
 */
export function createLog({ filter, sink, clock }: CreateLogOptions): Log {
  const logOf = (target: string, bound: LogFields): Log => {
    const threshold = filter(target);
    const teller = (level: LogLevel): Log["info"] => {
      if (!isTold(level, threshold)) return () => undefined;
      return (message, fields) => {
        const record = { at: clock.now(), level, target, message: withoutLogins(String(message)) };
        try {
          // What the child stands for is not for a single line to say otherwise.
          sink({ ...record, fields: tellable({ ...fields, ...bound }) });
        } catch {
          // A getter that throws, a cycle: the message is worth more than the fields.
          attempt(() => sink({ ...record, fields: { unloggable: true } }));
        }
      };
    };
    return {
      debug: teller("debug"),
      info: teller("info"),
      warn: teller("warn"),
      error: teller("error"),
      child: ({ target: named, ...fields }) => logOf(typeof named === "string" ? named : target, { ...bound, ...fields }),
    };
  };
  return logOf("rrq", {});
}

function attempt(tell: () => void): void {
  try {
    tell();
  } catch {
    // Nobody is left to be told.
  }
}
