import { RrqError, type Runner } from "@rrq/protocol";
import type { RrqSettings, RunnerSettings } from "@rrq/protocol/config";
import type { Log } from "./log.ts";
import type { OrchestratorSettings } from "./options.ts";
import { openExternalRunner } from "./runners/external-runner.ts";
import { openRunnerPool } from "./runners/managed-runner.ts";
import type { RunnerPool } from "./runners/runner-pool.ts";

/** The runners of one orchestrator, by name. */
export interface Runners extends AsyncDisposable {
  readonly byName: ReadonlyMap<string, Runner>;
  /** Ends all of them. Twice is fine. */
  close(): Promise<void>;
}

/** Starts the runners that the queues need, all at once, beside those that the program brought. Throws `RUNNER_UNAVAILABLE` if one does not start, `ABORTED` after `signal`; then none is left. */
export async function startRunners(settings: OrchestratorSettings, log: Log, signal?: AbortSignal): Promise<Runners> {
  const { rrq, ownRunners, toStart } = settings;
  const byName = new Map<string, Runner>(ownRunners);
  const close = async (): Promise<void> => {
    await Promise.all([...byName.values()].map((runner) => runner.close()));
  };
  try {
    const started: RunnerPool[] = [];
    for (const name of toStart) {
      const runner = rrq.runners.get(name);
      if (runner === undefined) continue; // resolveOptions has seen that all are there
      const opened = await openRunner(runner, rrq, settings, log);
      byName.set(name, opened);
      started.push(opened);
    }
    await Promise.race([Promise.all(started.map((runner) => runner.ready())), rejectOn(signal)]);
  } catch (error) {
    await close();
    throw error;
  }
  return { byName, close, [Symbol.asyncDispose]: close };
}

function rejectOn(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(new RrqError("ABORTED", "stopped while the runners were starting"));
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
  });
}

function openRunner(runner: RunnerSettings, rrq: RrqSettings, settings: OrchestratorSettings, log: Log): Promise<RunnerPool> {
  const { clock, env } = settings;
  const shared = { connectTimeoutMs: rrq.runnerConnectTimeoutMs, abortGraceMs: rrq.abortGraceMs, clock, log };
  if (rrq.runnerManagementMode === "external") return openExternalRunner(runner, shared);
  return openRunnerPool(runner, {
    ...shared,
    termGraceMs: rrq.runnerShutdownTermGraceSeconds * 1_000,
    env,
    passRedisDsn: rrq.runnerPassRedisDsn,
    output: rrq.captureRunnerOutput ? "capture" : "inherit",
  });
}
