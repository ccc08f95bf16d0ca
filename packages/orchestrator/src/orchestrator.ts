import { connect } from "@rrq/producer/redis";
import type { RrqSettings } from "@rrq/protocol/config";
import { ResourceStack } from "@rrq/protocol/runtime";
import type { Redis } from "ioredis";
import type { Health } from "./http/health.ts";
import { startHttpServer } from "./http/http-server.ts";
import type { Log } from "./log.ts";
import { createStderrLog } from "./logs/stderr-log.ts";
import { type OrchestratorOptions, type OrchestratorSettings, resolveOptions } from "./options.ts";
import { startRunners } from "./start-runners.ts";
import { openTelemetry } from "./telemetry/open-telemetry.ts";
import { createPrometheusMeter } from "./telemetry/prometheus-meter.ts";
import { newWorkerId } from "./worker-id.ts";
import { startWorker, type Worker } from "./worker.ts";

/** A running orchestrator. */
export interface Orchestrator extends AsyncDisposable {
  /** Its id in Redis: `rrq_worker_<pid>_<6 hex digits>`. */
  readonly workerId: string;
  /**
   * Resolves once it has stopped: by `close()`, by its signal, or at the end of a burst.
   * Rejects with `REDIS_UNAVAILABLE` once it has given up, after `redis_unavailable_exit_seconds`.
   */
  readonly stopped: Promise<void>;
  /**
   * Stops politely: no new jobs, `worker_shutdown_grace_period_seconds` for the running ones, then it cancels those and puts
   * them back without costing them an attempt. `cut` ends the grace at once. Twice is fine.
   */
  close(options?: { readonly cut?: AbortSignal }): Promise<void>;
}

/**
 * Starts an orchestrator: its runners, its lease, its loops. Resolves once it takes jobs.
 *
 * Throws `INVALID_CONFIG`, `CONFIG_NOT_FOUND`, `INVALID_ARGUMENT`; `REDIS_REFUSED`, `REDIS_UNSUPPORTED`; `RUNNER_UNAVAILABLE`
 * when a runner does not start. While Redis cannot be reached it waits.
 */
export async function startOrchestrator(options: OrchestratorOptions = {}): Promise<Orchestrator> {
  const settings = await resolveOptions(options);
  return startWith(settings, options.log ?? createStderrLog(settings.env), options.signal);
}

/** As {@link startOrchestrator}, with everything settled. */
export async function startWith(
  settings: OrchestratorSettings,
  ownLog: Log,
  signal: AbortSignal | undefined,
): Promise<Orchestrator> {
  const opening = new ResourceStack();
  try {
    const workerId = newWorkerId();
    const { env, clock } = settings;
    const { http } = settings.rrq;
    const meter = http === null ? null : createPrometheusMeter();
    // Closed last of all: what the others say while they close is told, too.
    const { telemetry, log } = opening.use(await openTelemetry({ env, workerId, meter, clock, log: ownLog }));
    for (const warning of settings.warnings) log.warn(warning);
    let health = (): Health => ({ workerId, phase: "starting", redis: "away", runners: [] });
    if (http !== null && meter !== null) {
      opening.use(await startHttpServer({ ...http, health: () => health(), metrics: () => meter.render(), log }));
    }
    const redis = await openRedis(settings.rrq, workerId, log, opening, signal);
    const subscriber = await openRedis(settings.rrq, `${workerId}-listener`, log, opening, signal);
    const runners = opening.use(await startRunners(settings, log, signal));
    const worker = await startWorker({ settings, workerId, redis, subscriber, runners, telemetry, log });
    health = () => worker.health();
    return toOrchestrator(worker, workerId, opening.move(), signal);
  } catch (error) {
    await opening[Symbol.asyncDispose]();
    throw error;
  }
}

async function openRedis(
  rrq: RrqSettings,
  name: string,
  log: Log,
  opening: ResourceStack,
  signal: AbortSignal | undefined,
): Promise<Redis> {
  const redis = await connect(rrq.redisDsn, {
    name,
    tlsCaFile: rrq.tlsCaFile,
    onTrouble: (error) => log.warn("Redis trouble", { connection: name, error: error.message }),
    ...(signal && { signal }),
  });
  opening.defer(() => redis.disconnect());
  return redis;
}

function toOrchestrator(
  worker: Worker,
  workerId: string,
  opened: ResourceStack,
  signal: AbortSignal | undefined,
): Orchestrator {
  const cut = new AbortController();
  let closing: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    try {
      await worker.shutDown(cut.signal);
    } finally {
      await opened[Symbol.asyncDispose]();
    }
  };
  const close = async (options: { readonly cut?: AbortSignal } = {}): Promise<void> => {
    const cutNow = (): void => cut.abort();
    options.cut?.addEventListener("abort", cutNow, { once: true });
    if (options.cut?.aborted) cutNow();
    worker.end();
    await (closing ??= stop());
  };
  const stopped = worker.ending.then(
    () => close(),
    async (reason: unknown) => {
      await close({ cut: AbortSignal.abort() });
      throw reason;
    },
  );
  stopped.catch(() => undefined); // whoever waits for it hears of it

  const closeOnSignal = (): void => worker.end();
  signal?.addEventListener("abort", closeOnSignal, { once: true });
  if (signal?.aborted) closeOnSignal();
  return { workerId, stopped, close, [Symbol.asyncDispose]: () => close() };
}
