import { isatty } from "node:tty";
import { systemClock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import { createLog } from "./create-log.ts";
import { jsonRecords } from "./json-records.ts";
import { readLogFilter } from "./log-filter.ts";
import type { RecordSink } from "./log-record.ts";
import { prettyRecords } from "./pretty-records.ts";
import { createStderrWriter } from "./stderr-writer.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How lines look, by `RUST_LOG_FORMAT` and `NO_COLOR`. */
export type LogFormat = { readonly kind: "json" } | { readonly kind: "pretty"; readonly colour: boolean };

/** Where a log goes unless somebody brings one: stderr, for stdout is for results. As `RUST_LOG` and `RUST_LOG_FORMAT` in `env` say. */
export function createStderrLog(env: Environment): Log {
  const format = readLogFormat(env, isatty(2));
  const write = createStderrWriter((lost) =>
    sink({ at: systemClock.now(), level: "warn", target: "rrq", message: "log lines were lost: stderr did not take them", fields: { lost } }),
  );
  const sink: RecordSink = format.kind === "json" ? jsonRecords(write) : prettyRecords(write, format);
  return createLog({ filter: readLogFilter(env["RUST_LOG"]), sink, clock: systemClock });
}

/** For people where it says so and on a terminal, else JSON; in colours on a terminal only. */
export function readLogFormat(env: Environment, isTerminal: boolean): LogFormat {
  const asked = env["RUST_LOG_FORMAT"]?.trim().toLowerCase() ?? "";
  const isPretty = asked === "" ? isTerminal : ["pretty", "text", "human"].includes(asked);
  if (!isPretty) return { kind: "json" };
  return { kind: "pretty", colour: isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb" };
}
