import { JsonText } from "@rrq/protocol";
import type { CronJobSettings } from "@rrq/protocol/config";
import { keys, newJobFields, ttlSeconds } from "@rrq/protocol/redis";
import type { Clock } from "@rrq/protocol/runtime";
import type { Redis } from "ioredis";
import type { JobDefaults } from "../core/active-job.ts";
import { type CronFiring, fireCronJob } from "./scripts/fire-cron-job.ts";

/** What cron does in Redis. */
export interface CronStore {
  /** The latest slot of an entry that some worker settled, epoch milliseconds; `null` if none is known. */
  lastSlot(entry: CronJobSettings): Promise<number | null>;
  /** Makes the job of a slot, unless the fleet has seen to it. */
  fire(entry: CronJobSettings, slotAt: number, job: CronJob): Promise<CronFiring>;
  /** Settles a slot without a job. */
  skip(entry: CronJobSettings, slotAt: number): Promise<void>;
}

/** What a job of cron has of its own. */
export interface CronJob {
  readonly id: string;
  /** Headers of the span that made it. */
  readonly trace: Readonly<Record<string, string>> | null;
}

export interface CronStoreSettings {
  readonly workerId: string;
  readonly defaults: JobDefaults;
  readonly clock: Clock;
}

export function createCronStore(redis: Redis, { workerId, defaults, clock }: CronStoreSettings): CronStore {
  return {
    lastSlot: async ({ name }) => {
      const text = await redis.get(keys.cronLast(name));
      return text === null ? null : Number(text);
    },
    fire: (entry, slotAt, { id, trace }) => {
      const now = clock.now();
      const uniqueKey = entry.unique ? `cron:${entry.name}` : "";
      const fields = newJobFields({
        id,
        functionName: entry.functionName,
        params: new JsonText(entry.paramsJson),
        enqueuedAt: now,
        runAt: now,
        maxRetries: defaults.maxAttempts,
        timeoutSeconds: defaults.timeoutSeconds,
        resultTtlSeconds: defaults.resultTtlSeconds,
        queue: entry.queueName,
        nonce: `cron:${slotAt}`,
        traceContext: trace,
        ...(entry.unique ? { uniqueKey } : {}),
      });
      return fireCronJob.run(redis, {
        slot: keys.cronSlot(entry.name, slotAt),
        last: keys.cronLast(entry.name),
        job: keys.job(id),
        queue: keys.queue(entry.queueName),
        holder: keys.unique(uniqueKey),
        workerId,
        slotTtl: ttlSeconds.cronSlot,
        slotAt,
        lastTtl: ttlSeconds.cronLast,
        jobId: id,
        fields: JSON.stringify(fields),
        runAt: now,
        uniqueKey,
      });
    },
    skip: async ({ name }, slotAt) => {
      await redis.set(keys.cronLast(name), slotAt, "EX", ttlSeconds.cronLast);
    },
  };
}
