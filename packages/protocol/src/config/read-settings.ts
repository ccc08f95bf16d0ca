import { keys } from "../redis/keys.ts";
import type { ConfigTable } from "./config-node.ts";
import { DEFAULTS } from "./defaults.ts";
import { camelKeys } from "./key-case.ts";
import { renameLegacyKeys } from "./legacy-keys.ts";
import { readCronJobs } from "./read-cron-jobs.ts";
import { readHttp } from "./read-http.ts";
import { readRoutes } from "./read-routes.ts";
import { readRunners } from "./read-runners.ts";
import { readTable } from "./read-table.ts";
import { readWatch } from "./read-watch.ts";
import { rrqShape, unusedShape } from "./schema.ts";
import type { RrqSettings } from "./settings.ts";
import type { TableContext } from "./table-context.ts";
import { reportUnknownKeys } from "./unknown-keys.ts";

/**
 * Who asks:
 * - a `producer` reads nothing that is about runners, right or wrong: its settings have none
 * - a `worker` is about to start them: what hinders only that is an error
 * - `inspect` is every other command
 */
export type Reader = "producer" | "worker" | "inspect";

export interface ReadOptions {
  readonly for: Reader;
  /** Wins over `runner_management_mode`. */
  readonly runnerMode?: "managed" | "external" | undefined;
}

/** Below this the poll loop would be a busy one; upstream takes 0 for that. */
const MIN_POLL_DELAY_SECONDS = 0.001;

/** Reads the table `rrq`, whose legacy keys it renames. What is wrong is in the findings, and at its default in the answer. */
export function readSettings(rrq: ConfigTable, options: ReadOptions, context: TableContext): RrqSettings {
  if (options.for === "producer") dropRunnerKeys(rrq);
  renameLegacyKeys(rrq, context);
  reportUnknownKeys(rrq, "[rrq]", context);
  const simple = { ...DEFAULTS, ...camelKeys(readTable(rrq, rrqShape, context)) };
  readTable(rrq, unusedShape, context);
  const runnerManagementMode = options.runnerMode ?? simple.runnerManagementMode;
  const rules = { mode: runnerManagementMode, forWorker: options.for === "worker" };
  const defaultQueueName = keys.queue(simple.defaultQueueName);
  const { defaultPollDelaySeconds: pollDelay, runnerConnectTimeoutMs: connectTimeout } = simple;
  return {
    ...simple,
    defaultQueueName,
    defaultPollDelaySeconds: pollDelay === null ? null : Math.max(MIN_POLL_DELAY_SECONDS, pollDelay),
    runnerManagementMode,
    runners: readRunners(rrq, rules, context),
    runnerRoutes: readRoutes(rrq, rules, context),
    runnerConnectTimeoutMs: connectTimeout > 0 ? connectTimeout : DEFAULTS.runnerConnectTimeoutMs,
    workerShutdownGracePeriodSeconds: Math.max(0, simple.workerShutdownGracePeriodSeconds),
    cronJobs: readCronJobs(rrq, defaultQueueName, context),
    watch: readWatch(rrq, context),
    http: readHttp(rrq, context),
  };
}

function dropRunnerKeys(rrq: ConfigTable): void {
  const others = ["default_runner_name", "capture_runner_output", "routing", "worker_concurrency"];
  for (const key of [...rrq.entries.keys()]) {
    if (key.startsWith("runner") || others.includes(key)) rrq.entries.delete(key);
  }
}
