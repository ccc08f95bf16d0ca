import { RrqError, type Runner } from "@rrq/protocol";
import { defaultRunner, defaultSettings, loadConfig, type LoadedConfig, type RrqSettings, type SettingsInput } from "@rrq/protocol/config";
import { keys } from "@rrq/protocol/redis";
import { type Clock, systemClock } from "@rrq/protocol/runtime";
import { parseSchedule } from "./core/cron-schedule.ts";
import { type Routes, runnerOfQueue } from "./core/route.ts";
import type { Log } from "./log.ts";
import type { CronEntry } from "./loops/cron-loop.ts";

export interface OrchestratorOptions {
  /** Path of an `rrq.toml`. @default `RRQ_CONFIG`, then `rrq.toml` in the current directory, unless `settings` is given */
  readonly config?: string;
  /** Settings instead of a file; what is left out has the default of `rrq.toml`. */
  readonly settings?: SettingsInput;
  /** Runners by name, beside or instead of those that the file configures: `{ main: inProcess(registry) }`. They are closed with the orchestrator. */
  readonly runners?: Readonly<Record<string, Runner>>;
  /** Queues to take jobs from, by name or key. @default the default queue */
  readonly queues?: readonly string[];
  /** Stop by itself once no job is due and none runs. @default false */
  readonly burst?: boolean;
  /** Wins over `runner_management_mode` of the file. */
  readonly runnerMode?: "managed" | "external";
  /** Closes the orchestrator politely when it aborts. */
  readonly signal?: AbortSignal;
  /** @default stderr: JSON lines, on a terminal text; `RUST_LOG`, `RUST_LOG_FORMAT` and `NO_COLOR` say how */
  readonly log?: Log;
}

/** Everything settled before anything is opened. */
export interface OrchestratorSettings {
  readonly rrq: RrqSettings;
  /** Full keys, sorted, each once. */
  readonly queues: readonly string[];
  readonly routes: Routes;
  /** Names of the configured runners that these queues need, and that no program brought. */
  readonly toStart: readonly string[];
  readonly ownRunners: ReadonlyMap<string, Runner>;
  readonly burst: boolean;
  readonly cron: readonly CronEntry[];
  /** What runner processes inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly warnings: readonly string[];
  readonly clock: Clock;
}

/** Reads the file if there is one, and checks that every queue has a runner and every cron entry a schedule. Throws `INVALID_CONFIG` or `CONFIG_NOT_FOUND`. */
export async function resolveOptions(options: OrchestratorOptions): Promise<OrchestratorSettings> {
  return settleOptions(options, await readSettings(options));
}

type Loaded = Pick<LoadedConfig, "settings" | "warnings"> & Pick<OrchestratorSettings, "env">;

/** As {@link resolveOptions}, for a file that was read already. */
export function settleOptions(options: OrchestratorOptions, { settings: rrq, env, warnings }: Loaded): OrchestratorSettings {
  const ownRunners = new Map(Object.entries(options.runners ?? {}));
  const names = new Set([...rrq.runners.keys(), ...ownRunners.keys()]);
  const routes: Routes = { byQueue: rrq.runnerRoutes, defaultRunner: defaultRunner(rrq, names) };
  const queues = [...new Set((options.queues ?? [rrq.defaultQueueName]).map(keys.queue))].sort();
  if (queues.length === 0) throw new RrqError("INVALID_CONFIG", "no queue to take jobs from: name at least one");
  const needed = new Map(queues.map((queue) => [runnerOfQueue(queue, routes), queue]));
  for (const [runner, queue] of needed) {
    if (names.has(runner)) continue;
    const known = names.size === 0 ? "none is configured" : `configured are ${[...names].join(", ")}`;
    throw new RrqError(
      "INVALID_CONFIG",
      `queue '${queue}' goes to runner '${runner}', which does not exist (${known}): ` +
        `add [rrq.runners.${runner}], or set default_runner_name or a route in [rrq.runner_routes]`,
    );
  }
  return {
    rrq,
    queues,
    routes,
    toStart: [...needed.keys()].filter((runner) => !ownRunners.has(runner)),
    ownRunners,
    cron: rrq.cronJobs.map((entry) => ({ settings: entry, schedule: parseSchedule(entry.schedule, entry.timezone) })),
    burst: options.burst ?? false,
    env,
    warnings,
    clock: systemClock,
  };
}

async function readSettings(options: OrchestratorOptions): Promise<Loaded> {
  if (options.settings !== undefined) {
    if (options.config !== undefined) throw new RrqError("INVALID_ARGUMENT", "give either config or settings, not both");
    return { settings: defaultSettings(options.settings), env: process.env, warnings: [] };
  }
  const { config, runnerMode } = options;
  return loadConfig({
    for: "worker",
    ...(config === undefined ? {} : { path: config }),
    ...(runnerMode === undefined ? {} : { runnerMode }),
  });
}
