import type { RrqError } from "@rrq/protocol";
import { formatTimestamp, type HeartbeatReading, keys, readHeartbeat } from "@rrq/protocol/redis";
import type { Clock } from "@rrq/protocol/runtime";
import type { Redis } from "ioredis";
import type { ActiveJob, JobDefaults } from "../core/active-job.ts";
import { type Adoption, adoptJobs } from "./scripts/adopt-job.ts";
import { checkJobs, type Holding } from "./scripts/check-jobs.ts";
import { findDeadWorkers, type Peers } from "./scripts/find-dead-workers.ts";
import { findMisplacedJobs } from "./scripts/find-misplaced-jobs.ts";
import { forgetWorker } from "./scripts/forget-worker.ts";
import { leave } from "./scripts/leave.ts";
import { placeJobs } from "./scripts/place-job.ts";
import { renewLease } from "./scripts/renew-lease.ts";
import { settleJobs, type Settlement } from "./scripts/settle-job.ts";

/** An id in our active set that does not run here, with the fence its hash had when we looked. */
export interface Stray {
  readonly id: string;
  readonly fence: string;
}

/** What a worker does for its own life, and for the jobs of workers that died. */
export interface WorkerStore {
  /** Writes the heartbeat. `lapsed`: it had run out, and others may have adopted jobs of ours. */
  renew(heartbeat: string): Promise<"held" | "lapsed">;
  /** The ids of our active set. */
  activeIds(): Promise<readonly string[]>;
  /** The fence each of these has now; empty text for a hash without. */
  fencesOf(ids: readonly string[]): Promise<readonly Stray[]>;
  /** Heals a claim or an end whose answer was lost. */
  settle(strays: readonly Stray[]): Promise<readonly (Settlement | RrqError)[]>;
  /** What we still hold of `jobs`, in their order. */
  check(jobs: readonly ActiveJob[]): Promise<readonly (Holding | RrqError)[]>;
  deadWorkers(): Promise<Peers>;
  /** Up to `count` ids of another worker's active set, from rank `from`. */
  idsOf(workerId: string, from: number, count: number): Promise<readonly string[]>;
  /** Takes jobs from a worker without a heartbeat. */
  adopt(deadWorkerId: string, ids: readonly string[]): Promise<readonly (Adoption | RrqError)[]>;
  /** Drops a dead worker from our index once nothing of it is left. */
  forget(workerId: string): Promise<boolean>;
  /** Some active sets, found by one step of a slow SCAN: those of upstream's workers are in no index. */
  scanActiveSets(cursor: string): Promise<{ readonly cursor: string; readonly workerIds: readonly string[] }>;
  /** Whether it is our turn to look for jobs in no place: nobody else of the fleet does for `ms`. */
  takeAuditTurn(ms: number): Promise<boolean>;
  /** Ids of some jobs, by one step of a slow SCAN. */
  scanJobs(cursor: string): Promise<{ readonly cursor: string; readonly ids: readonly string[] }>;
  /** Those of `ids` that are unfinished and in no queue and no active set. */
  findMisplaced(ids: readonly string[]): Promise<readonly string[]>;
  /** Puts such jobs where they belong. */
  place(ids: readonly string[]): Promise<readonly (Adoption | RrqError)[]>;
  /** What every live worker tells of itself, ours and upstream's: a SCAN of all keys, so it is for rare questions. */
  liveWorkers(): Promise<readonly HeartbeatReading[]>;
  /** Ends our lease at once. */
  leave(): Promise<void>;
}

export interface WorkerStoreSettings {
  readonly workerId: string;
  readonly leaseMs: number;
  readonly defaults: JobDefaults;
  readonly maxRescues: number;
  readonly eventTtlSeconds: number;
  readonly clock: Clock;
}

/** Keys that one step of the SCAN looks at. */
const SCAN_COUNT = 300;
/** The same, where somebody waits for the end of it. */
const LOOK_COUNT = 1_000;

export function createWorkerStore(redis: Redis, settings: WorkerStoreSettings): WorkerStore {
  const { workerId, defaults, clock } = settings;
  const active = keys.active(workerId);
  const health = keys.health(workerId);
  const { workers } = keys;
  const now = () => {
    const nowMs = clock.now();
    return { nowMs, now: formatTimestamp(nowMs) };
  };
  const rescue = {
    defaultQueue: defaults.queue,
    defaultDlq: defaults.dlq,
    maxRescues: settings.maxRescues,
    eventTtl: settings.eventTtlSeconds,
  };
  const named = (id: string) => ({ job: keys.job(id), lock: keys.lock(id), jobId: id });

  return {
    renew: (heartbeat) =>
      renewLease.run(redis, { health, workers, workerId, heartbeat, leaseMs: settings.leaseMs }),
    activeIds: () => redis.zrange(active, "0", "-1"),
    fencesOf: (ids) =>
      Promise.all(ids.map(async (id) => ({ id, fence: (await redis.hget(keys.job(id), "fence").catch(ifWrongType)) ?? "" }))),
    settle: (strays) =>
      settleJobs.run(
        redis,
        { active, workerId, defaultQueue: defaults.queue, ...now() },
        strays.map(({ id, fence }) => ({ ...named(id), fence })),
      ),
    check: (jobs) =>
      checkJobs.run(
        redis,
        { workerId },
        jobs.map(({ id, fence }) => ({ job: keys.job(id), fence })),
      ),
    deadWorkers: () => findDeadWorkers.run(redis, { workers, workerId }),
    idsOf: (other, from, count) => redis.zrange(keys.active(other), String(from), String(from + count - 1)),
    adopt: (deadWorkerId, ids) =>
      adoptJobs.run(
        redis,
        {
          health: keys.health(deadWorkerId),
          active: keys.active(deadWorkerId),
          deadWorkerId,
          ...rescue,
          ...now(),
        },
        ids.map(named),
      ),
    forget: (other) =>
      forgetWorker.run(redis, { workers, health: keys.health(other), active: keys.active(other), workerId: other }),
    scanActiveSets: async (cursor) => {
      const [next, found] = await redis.scan(cursor, "MATCH", `${keys.active("")}*`, "COUNT", SCAN_COUNT);
      return { cursor: next, workerIds: found.map((key) => key.slice(keys.active("").length)).filter((id) => id !== "") };
    },
    // A little less than the pause, so that our own next turn is not late.
    takeAuditTurn: async (ms) => (await redis.set(keys.audit, workerId, "PX", Math.ceil(ms * 0.9), "NX")) === "OK",
    scanJobs: async (cursor) => {
      const [next, names] = await redis.scan(cursor, "MATCH", `${keys.job("")}*`, "COUNT", SCAN_COUNT);
      return { cursor: next, ids: names.map((name) => name.slice(keys.job("").length)) };
    },
    findMisplaced: async (ids) => {
      const found = await findMisplacedJobs.run(redis, { defaultQueue: defaults.queue }, ids.map(named));
      return ids.filter((_, index) => found[index] === "waiting" || found[index] === "orphan");
    },
    place: (ids) => placeJobs.run(redis, { ...rescue, ...now() }, ids.map(named)),
    liveWorkers: async () => {
      const found: HeartbeatReading[] = [];
      let cursor = "0";
      do {
        const [next, names] = await redis.scan(cursor, "MATCH", `${keys.health("")}*`, "COUNT", LOOK_COUNT);
        const texts = names.length === 0 ? [] : await redis.mget(names);
        found.push(...texts.flatMap((text) => (text === null ? [] : [readHeartbeat(text)])));
        cursor = next;
      } while (cursor !== "0");
      return found;
    },
    leave: () => leave.run(redis, { workers, health, active, workerId }),
  };
}

/** A key of another type is no job: the scripts drop its id. */
function ifWrongType(error: unknown): null {
  if (error instanceof Error && error.message.startsWith("WRONGTYPE")) return null;
  throw error;
}
