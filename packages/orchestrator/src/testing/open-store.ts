import { openTestRedis } from "@rrq/private-redis/vitest";
import { connect } from "@rrq/producer/redis";
import { JsonText } from "@rrq/protocol";
import { channels, keys, newJobFields } from "@rrq/protocol/redis";
import { ManualClock, ResourceStack } from "@rrq/protocol/runtime";
import type { Redis } from "ioredis";
import type { ActiveJob } from "../core/active-job.ts";
import { type Claim, createJobStore, type JobStore, type JobStoreSettings } from "../store/job-store.ts";
import { createWorkerStore, type WorkerStore, type WorkerStoreSettings } from "../store/worker-store.ts";

export const NOW = Date.UTC(2026, 0, 1, 12);
export const QUEUE = "rrq:queue:default";

export interface TestWorker {
  readonly workerId: string;
  readonly jobs: JobStore;
  readonly worker: WorkerStore;
  /** Claims from the default queue for runner `main`, which has 10 slots. */
  claim(change?: Partial<Parameters<JobStore["claim"]>[0]>): Promise<Extract<Claim, { kind: "looked" }>>;
  /** Claims the one job that is due. */
  claimOne(): Promise<ActiveJob>;
}

export interface TestStore extends AsyncDisposable {
  readonly redis: Redis;
  readonly url: string;
  readonly clock: ManualClock;
  /** A worker of ours with a lease, its stores on one connection. */
  openWorker(workerId?: string, change?: Partial<JobStoreSettings & WorkerStoreSettings>): Promise<TestWorker>;
  /** A job as a producer writes it, PENDING and due at once; `fields` on top, `null` takes a field away. */
  enqueue(id: string, fields?: Readonly<Record<string, string | null>>, runAt?: number): Promise<void>;
  hash(id: string): Promise<Record<string, string>>;
  /** Ids waiting in a queue. */
  queued(queue?: string): Promise<string[]>;
  /** Takes a worker's heartbeat away, as its death does in time. */
  kill(workerId: string): Promise<void>;
}

/** A database of this test file's own, with stores on it. */
export async function openStore(): Promise<TestStore> {
  const opened = new ResourceStack();
  const { redis, url } = opened.use(await openTestRedis());
  const clock = new ManualClock(NOW);

  return {
    redis,
    url,
    clock,
    openWorker: async (workerId = "rrq_worker_1_aaaaaa", change = {}) => {
      const client = await connect(url);
      opened.defer(() => client.disconnect());
      const settings = {
        workerId,
        defaults: { queue: QUEUE, dlq: "rrq:dlq:default", maxAttempts: 5, timeoutSeconds: 300, resultTtlSeconds: 86_400 },
        maxRescues: 3,
        completionStream: "auto" as const,
        eventTtlSeconds: 300,
        leaseMs: 15_000,
        clock,
        ...change,
      };
      const jobs = createJobStore(client, settings);
      const worker = createWorkerStore(client, settings);
      await worker.renew("{}");
      const claim: TestWorker["claim"] = async (asked = {}) => {
        const slots = new Map([["main", 10]]);
        const claimed = await jobs.claim({ queue: QUEUE, max: 10, from: 0, slots, queueRunner: "main", ...asked });
        if (claimed.kind === "no-lease") throw new Error("the lease is gone");
        return claimed;
      };
      return {
        workerId,
        jobs,
        worker,
        claim,
        claimOne: async () => {
          const { jobs: [job] } = await claim();
          if (job === undefined) throw new Error("no job is due");
          return job;
        },
      };
    },
    enqueue: async (id, fields = {}, runAt = clock.now()) => {
      const made = newJobFields({
        id,
        functionName: "work",
        params: new JsonText('{"n":1.0}'),
        enqueuedAt: clock.now(),
        runAt,
        maxRetries: 3,
        timeoutSeconds: 30,
        resultTtlSeconds: 60,
        queue: QUEUE,
        nonce: "n",
      });
      await redis.hset(keys.job(id), ...made);
      for (const [name, value] of Object.entries(fields)) {
        if (value === null) await redis.hdel(keys.job(id), name);
        else await redis.hset(keys.job(id), name, value);
      }
      const queue = keys.queue(fields["queue_name"] ?? QUEUE);
      await redis.zadd(queue, runAt, id);
      await redis.publish(channels.wake(queue), String(runAt));
    },
    hash: (id) => redis.hgetall(keys.job(id)),
    queued: (queue = QUEUE) => redis.zrange(queue, "0", "-1"),
    kill: async (workerId) => {
      await redis.del(keys.health(workerId));
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
