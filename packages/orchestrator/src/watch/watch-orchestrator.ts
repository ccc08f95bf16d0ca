import { readFile, realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RrqError } from "@rrq/protocol";
import { loadConfig, type LoadedConfig, type RrqSettings } from "@rrq/protocol/config";
import { systemClock } from "@rrq/protocol/runtime";
import { createStderrLog } from "../logs/stderr-log.ts";
import { type OrchestratorOptions, settleOptions } from "../options.ts";
import { type Orchestrator, startWith } from "../orchestrator.ts";
import { createChangeFilter } from "./change-filter.ts";
import { type Changes, openChanges } from "./changes.ts";
import { runPreRestart } from "./pre-restart.ts";

export interface WatchOptions extends Pick<OrchestratorOptions, "config" | "queues" | "runnerMode" | "log"> {
  /** The folder to watch. @default `[rrq.watch] path`, then the current directory */
  readonly path?: string;
  /** Globs of what restarts the worker; they replace the file's. */
  readonly includePatterns?: readonly string[];
  /** Globs of what does not; they replace the file's. */
  readonly ignorePatterns?: readonly string[];
  /** Restart for files that git ignores, too. @default `[rrq.watch] no_gitignore` */
  readonly noGitignore?: boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** One line for the person who watches. */
  readonly onEvent?: (line: string) => void;
}

/**
 * Runs an orchestrator for development: one process and one job at a time for each runner, started anew when a file changes.
 * Jobs that run then are put back. What keeps it from starting (a config that cannot be read, a command before the start that fails,
 * a runner that does not start) is told, and the next change tries again. Resolves when `signal` aborts.
 *
 * Rejects as `startOrchestrator` does, if the first config cannot be read or Redis refuses us.
 */
export async function watchOrchestrator(options: WatchOptions): Promise<void> {
  const { signal, onEvent = () => undefined } = options;
  let loaded: LoadedConfig | null = await load(options);
  const { watch } = loaded.settings;
  const root = await realpath(resolve(options.path ?? watch.path)).catch((cause: unknown) => {
    throw new RrqError("INVALID_ARGUMENT", `cannot watch '${options.path ?? watch.path}': no such folder`, { cause });
  });
  const noGitignore = options.noGitignore ?? watch.noGitignore;
  const filter = createChangeFilter({
    includePatterns: options.includePatterns ?? watch.includePatterns,
    ignorePatterns: options.ignorePatterns ?? watch.ignorePatterns,
    gitignores: noGitignore ? [] : await gitignores(root),
  });
  await using changes = await openChanges(root, filter);
  onEvent(`Watching ${root} for changes...`);

  while (!signal.aborted) {
    const started: Orchestrator | string = loaded === null ? "" : await start(loaded, root, options);
    if (typeof started === "string") onEvent(`${started}; waiting for the next change.`);
    const changed = await nextChange(changes, signal);
    if (changed !== null) onEvent(`Change detected (${changed}).`);
    if (typeof started !== "string") await started.close({ cut: AbortSignal.abort() });
    if (changed === null) return;
    await changes.quiet(signal);
    loaded = await load(options).catch((error: unknown) => {
      onEvent(describe(error));
      return null;
    });
    if (loaded !== null) onEvent("Restarting worker...");
  }
}

function load({ config, runnerMode }: WatchOptions): Promise<LoadedConfig> {
  return loadConfig({
    for: "worker",
    ...(config === undefined ? {} : { path: config }),
    ...(runnerMode === undefined ? {} : { runnerMode }),
  });
}

/** The orchestrator, or why there is none until something changes. */
async function start(loaded: LoadedConfig, root: string, options: WatchOptions): Promise<Orchestrator | string> {
  const { signal, onEvent = () => undefined } = options;
  const { watch } = loaded.settings;
  const failure = await runPreRestart({
    commands: watch.preRestartCmds,
    cwd: watch.preRestartCwd ?? root,
    timeoutMs: watch.preRestartTimeoutSeconds === null ? null : watch.preRestartTimeoutSeconds * 1_000,
    signal,
    onCommand: (command) => onEvent(`Running watch pre-restart command: ${command.join(" ")}`),
    clock: systemClock,
  });
  if (failure !== null) return failure;
  const log = options.log ?? createStderrLog(loaded.env);
  try {
    return await startWith(settleOptions(options, { ...loaded, settings: forDevelopment(loaded.settings) }), log, signal);
  } catch (error) {
    if (RrqError.is(error, "RUNNER_UNAVAILABLE") || RrqError.is(error, "INVALID_CONFIG")) return describe(error);
    throw error;
  }
}

function forDevelopment(settings: RrqSettings): RrqSettings {
  const runners = [...settings.runners].map(([name, runner]) => [name, { ...runner, poolSize: 1, maxInFlight: 1 }] as const);
  return { ...settings, runners: new Map(runners), workerShutdownGracePeriodSeconds: 0 };
}

/** What changed; `null` when `signal` aborts first. */
async function nextChange(changes: Changes, signal: AbortSignal): Promise<string | null> {
  const stopped = new Promise<null>((done) => {
    if (signal.aborted) done(null);
    signal.addEventListener("abort", () => done(null), { once: true });
  });
  return Promise.race([changes.next(), stopped]);
}

async function gitignores(root: string): Promise<readonly string[]> {
  const texts = [".gitignore", join(".git", "info", "exclude")].map((name) => readFile(join(root, name), "utf8").catch(() => ""));
  return Promise.all(texts);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
