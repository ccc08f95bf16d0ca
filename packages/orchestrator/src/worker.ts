import { setMaxListeners } from "node:events";
import { RrqError } from "@rrq/protocol";
import type { RrqSettings } from "@rrq/protocol/config";
import type { Redis } from "ioredis";
import type { RetryPolicy } from "./core/decide.ts";
import { describeWorker } from "./describe-worker.ts";
import type { Health } from "./http/health.ts";
import { keepLease, type LeaseThread } from "./keep-lease.ts";
import type { Log } from "./log.ts";
import { AuditLoop } from "./loops/audit-loop.ts";
import { ClaimLoop } from "./loops/claim-loop.ts";
import { CronLoop } from "./loops/cron-loop.ts";
import { LeaseLoop } from "./loops/lease-loop.ts";
import { listen } from "./loops/listen.ts";
import { createPollPace } from "./loops/poll-pace.ts";
import { RescueLoop } from "./loops/rescue-loop.ts";
import type { OrchestratorSettings } from "./options.ts";
import { startedLately, warnOfEviction } from "./redis-condition.ts";
import { RunnerSlots } from "./runner-slots.ts";
import { RunningJobs, SHUTTING_DOWN } from "./running-jobs.ts";
import { shutDown } from "./shutdown.ts";
import type { Runners } from "./start-runners.ts";
import { createCronStore } from "./store/cron-store.ts";
import { createJobStore } from "./store/job-store.ts";
import { createWorkerStore } from "./store/worker-store.ts";
import { readQueueDepths } from "./telemetry/queue-depths.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import { createUnservable } from "./unservable-jobs.ts";
import { watchForUpstream } from "./upstream-signs.ts";
import { INTERRUPTIONS, type WorkDeps } from "./work-job.ts";
import { createJobStarter } from "./work-jobs.ts";
import { workerHealth } from "./worker-health.ts";
import { writeEnd } from "./write-end.ts";

export interface WorkerParts {
  readonly settings: OrchestratorSettings;
  readonly workerId: string;
  readonly redis: Redis;
  /** A connection of its own for what others publish. */
  readonly subscriber: Redis;
  readonly runners: Runners;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** The loops of an orchestrator, under way. */
export interface Worker {
  /** Resolves when it should be shut down: `end()`, or a burst that is over. Rejects with `REDIS_UNAVAILABLE` when it gives up on Redis. */
  readonly ending: Promise<void>;
  end(): void;
  health(): Health;
  /** The polite end; `cut` shortens its grace. */
  shutDown(cut: AbortSignal): Promise<void>;
}

/** Takes the lease and starts the loops. What the caller opened, it closes itself after `shutDown`; the runners are closed by that. */
export async function startWorker(parts: WorkerParts): Promise<Worker> {
  const { settings, workerId, redis, subscriber, runners, telemetry, log } = parts;
  const { rrq, queues, routes, clock, burst } = settings;
  const leaseMs = Math.round(rrq.leaseSeconds * 1_000);
  const slots = new Map([...runners.byName].map(([name, runner]) => [name, new RunnerSlots(runner)]));
  const storeSettings = { ...jobSettings(rrq), workerId, clock };
  const store = createJobStore(redis, storeSettings);
  const workerStore = createWorkerStore(redis, storeSettings);
  const running = new RunningJobs();
  const upstream = watchForUpstream(clock);
  const [claiming, living, givingUp] = [new AbortController(), new AbortController(), new AbortController()];
  setMaxListeners(0, givingUp.signal); // each job whose end Redis does not take listens to it
  let [end, giveUp]: [() => void, (reason: RrqError) => void] = [() => undefined, () => undefined];
  const ending = new Promise<void>((resolve, reject) => {
    [end, giveUp] = [resolve, reject];
  });

  const work: WorkDeps = { store, runners: slots, routes, policy: retryPolicy(rrq), workerId, telemetry, clock, random: Math.random, log };
  const startJob = createJobStarter(running, work, givingUp.signal, () => claims.slotFreed());
  // A burst is over when a second look, after the last job ended, finds nothing either.
  let lookedAgain = false;
  const claims: ClaimLoop = new ClaimLoop({
    queues,
    store,
    runners: slots,
    routes,
    pace: createPollPace(rrq.defaultPollDelaySeconds === null ? null : rrq.defaultPollDelaySeconds * 1_000),
    onForeignJob: upstream.met,
    start: (job) => {
      lookedAgain = false;
      startJob(job);
    },
    giveBack: (job) => writeEnd(job, { kind: "release", message: INTERRUPTIONS[SHUTTING_DOWN] }, work, givingUp.signal),
    renew: () => lease.renew(),
    onUnservable: createUnservable({ store, workers: workerStore, known: new Set([...rrq.runners.keys(), ...slots.keys()]), clock, log }),
    onIdle: () => {
      if (!burst || running.size > 0) return;
      if (lookedAgain) end();
      else claims.wakeAll();
      lookedAgain = true;
    },
    telemetry,
    clock,
    log,
  });
  let thread: LeaseThread | null = null;
  const heartbeat = (): string => {
    const { aborted: stopping } = claiming.signal;
    const view = { workerId, queues, slots, activeJobs: running.size, stopping, idle: claims.idle, now: clock.now() };
    const text = describeWorker(view);
    thread?.tell(text);
    return text;
  };
  const lease: LeaseLoop = new LeaseLoop({
    store: workerStore,
    running,
    leaseMs,
    heartbeat,
    onAway: (ms) => {
      const limitSeconds = rrq.redisUnavailableExitSeconds ?? Infinity;
      if (ms <= limitSeconds * 1_000) return;
      giveUp(new RrqError("REDIS_UNAVAILABLE", `Redis has been away for more than redis_unavailable_exit_seconds = ${limitSeconds}`));
    },
    clock,
    log,
  });
  const rescue = new RescueLoop({
    store: workerStore,
    leaseMs,
    troubledUntil: () => lease.troubledUntil,
    onForeignWorker: upstream.met,
    telemetry,
    clock,
    log,
  });
  const cron = new CronLoop({ entries: settings.cron, store: createCronStore(redis, storeSettings), telemetry, clock, log });
  const audit = new AuditLoop({ store: workerStore, upstreamAbout: upstream.about, pauseMs: leaseMs / 3, clock, log });

  await lease.renew();
  await warnOfEviction(redis, log);
  if (await startedLately(redis, rrq.leaseSeconds)) lease.trouble();
  await listen(
    subscriber,
    queues,
    workerId,
    {
      onWake: (queue, dueAt) => claims.wake(queue, dueAt),
      onCancel: (jobId) => running.cancel(jobId),
      onGap: () => claims.wakeAll(),
    },
    log,
  );
  redis.on("ready", () => {
    lease.trouble();
    claims.wakeAll();
  });
  for (const runner of runners.byName.values()) runner.onFreeSlot?.(() => claims.slotFreed());
  const { redisDsn: dsn, tlsCaFile } = rrq;
  if (settings.ownRunners.size > 0) {
    thread = keepLease({ dsn, tlsCaFile, workerId, leaseMs, heartbeat: heartbeat() }, log);
  }
  const lives = [lease, rescue, audit, cron].map((loop) => loop.run(living.signal));
  const claimed = claims.run(claiming.signal);
  telemetry.observe({
    runningJobs: () => running.size,
    slots: () => [...slots].map(([runner, { free, held }]) => ({ runner, all: free + held, free })),
    queueDepths: () => readQueueDepths(redis, queues, clock),
  });
  log.info("worker started", { worker_id: workerId, queues });

  return {
    ending,
    end,
    health: () => {
      const { aborted: stopping } = claiming.signal;
      return workerHealth({ workerId, stopping, redis, sinceRenewalMs: lease.sinceRenewalMs, leaseMs, runners: runners.byName });
    },
    shutDown: async (cut) => {
      await shutDown(
        {
          stopClaiming: async () => {
            claiming.abort();
            await claimed;
          },
          running,
          graceMs: rrq.workerShutdownGracePeriodSeconds * 1_000,
          abortGraceMs: rrq.abortGraceMs,
          closeRunners: () => runners.close(),
          giveUp: () => givingUp.abort(),
          stopLiving: async () => {
            living.abort();
            await Promise.all([...lives, thread?.stop()]);
          },
          leave: () => workerStore.leave(),
          clock,
          log,
        },
        cut,
      );
      log.info("worker stopped", { worker_id: workerId });
    },
  };
}

function jobSettings(rrq: RrqSettings) {
  return {
    defaults: {
      queue: rrq.defaultQueueName,
      dlq: rrq.defaultDlqName,
      maxAttempts: rrq.defaultMaxRetries,
      timeoutSeconds: rrq.defaultJobTimeoutSeconds,
      resultTtlSeconds: rrq.defaultResultTtlSeconds,
    },
    maxRescues: rrq.maxRescues,
    leaseMs: Math.round(rrq.leaseSeconds * 1_000),
    completionStream: rrq.completionStream,
    eventTtlSeconds: rrq.eventTtlSeconds,
  };
}

function retryPolicy(rrq: RrqSettings): RetryPolicy {
  return {
    baseMs: rrq.baseRetryDelaySeconds * 1_000,
    maxMs: rrq.maxRetryDelaySeconds * 1_000,
    jitter: rrq.retryJitter,
    retryOnTimeout: rrq.retryOnTimeout,
  };
}
