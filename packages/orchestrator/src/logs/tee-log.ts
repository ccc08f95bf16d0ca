import type { Log } from "../log.ts";

/** Tells both. */
export function teeLog(one: Log, other: Log): Log {
  const both =
    (level: "debug" | "info" | "warn" | "error"): Log["info"] =>
    (message, fields) => {
      one[level](message, fields);
      other[level](message, fields);
    };
  return {
    debug: both("debug"),
    info: both("info"),
    warn: both("warn"),
    error: both("error"),
    child: (fields) => teeLog(one.child(fields), other.child(fields)),
  };
}
