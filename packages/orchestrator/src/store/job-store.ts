import type { BatchScript, RedisLike } from "@rrq/producer/redis";
import type { JsonText } from "@rrq/protocol";
import { formatTimestamp, keys } from "@rrq/protocol/redis";
import type { Clock } from "@rrq/protocol/runtime";
import type { ActiveJob, JobDefaults } from "../core/active-job.ts";
import { readClaimedJob } from "./read-claim.ts";
import { claimJobs, type ClaimReply } from "./scripts/claim-jobs.ts";
import { completeJobs } from "./scripts/complete-job.ts";
import { deadLetterJobs } from "./scripts/dead-letter-job.ts";
import { deadLetterQueuedJobs } from "./scripts/dead-letter-queued-job.ts";
import type { End } from "./scripts/read-end.ts";
import { releaseJobs } from "./scripts/release-job.ts";
import { retryJobs } from "./scripts/retry-job.ts";
import { TurnBatch } from "./turn-batch.ts";

/** What the orchestrator does to jobs in Redis: one atomic script for each change, fenced on its own. */
export interface JobStore {
  /** Makes up to `max` due jobs of a queue ours. Never repeated: what an answer that was lost claimed, is settled later. */
  claim(request: ClaimRequest): Promise<Claim>;
  complete(job: ActiveJob, result: JsonText): Promise<End>;
  /** @param runAt Epoch milliseconds. */
  retry(job: ActiveJob, runAt: number, message: string): Promise<End>;
  deadLetter(job: ActiveJob, message: string): Promise<End>;
  release(job: ActiveJob, message: string): Promise<End>;
  /** Ends jobs that still wait in `queue` and can never run. */
  deadLetterQueued(queue: string, jobs: readonly UnrunnableJob[]): Promise<void>;
}

export interface UnrunnableJob {
  readonly id: string;
  readonly reason: string;
}

export interface ClaimRequest {
  /** Full key. */
  readonly queue: string;
  readonly max: number;
  /** Where the last claim of this queue stopped looking. */
  readonly from: number;
  /** Free slots of each runner that is started here. */
  readonly slots: ReadonlyMap<string, number>;
  /** The runner of this queue's jobs that name none. */
  readonly queueRunner: string;
}

export type Claim =
  | { readonly kind: "no-lease" }
  | (Omit<Extract<ClaimReply, { kind: "looked" }>, "jobs"> & { readonly jobs: readonly ActiveJob[] });

export interface JobStoreSettings {
  readonly workerId: string;
  readonly defaults: JobDefaults;
  readonly maxRescues: number;
  readonly completionStream: "auto" | "always" | "never";
  readonly eventTtlSeconds: number;
  readonly clock: Clock;
}

/** Ends in one script call: Redis serves others in between. */
const ENDS_PER_CALL = 16;

/** Instants that RFC 3339 can write. Of a retry beyond them only its score tells; the field has the time of the failure, as with upstream. */
const FIRST_DATE_MS = Date.parse("0000-01-01T00:00:00Z");
const LAST_DATE_MS = Date.UTC(9999, 11, 31);

export function createJobStore(redis: RedisLike, settings: JobStoreSettings): JobStore {
  const { workerId, clock, defaults } = settings;
  const active = keys.active(workerId);

  const ofTurn = <Arg extends "workerId" | "now" | "nowMs", EachKey extends string, EachArg extends string>(
    script: BatchScript<"active", Arg, EachKey, EachArg, End>,
  ): TurnBatch<Readonly<Record<EachKey | EachArg, string | number>>, End> =>
    new TurnBatch<Readonly<Record<EachKey | EachArg, string | number>>, End>((items) => {
      const nowMs = clock.now();
      const values = { active, workerId, nowMs, now: formatTimestamp(nowMs) };
      return script.run(redis, values, items);
    }, ENDS_PER_CALL);

  const completions = ofTurn(completeJobs);
  const retries = ofTurn(retryJobs);
  const deadLetters = ofTurn(deadLetterJobs);
  const releases = ofTurn(releaseJobs);

  const eventTtl = (foreign: boolean): number =>
    settings.completionStream === "always" || (settings.completionStream === "auto" && foreign)
      ? settings.eventTtlSeconds
      : 0;
  const named = (job: ActiveJob) => ({ job: keys.job(job.id), jobId: job.id, fence: job.fence });

  return {
    claim: async ({ queue, max, from, slots, queueRunner }) => {
      const nowMs = clock.now();
      const reply = await claimJobs.run(redis, {
        queue,
        active,
        health: keys.health(workerId),
        workerId,
        now: formatTimestamp(nowMs),
        nowMs,
        startSeconds: Math.floor(nowMs / 1_000),
        max,
        from,
        slots: JSON.stringify(Object.fromEntries(slots)),
        queueRunner,
        defaultQueue: defaults.queue,
        defaultDlq: defaults.dlq,
        maxRescues: settings.maxRescues,
        eventTtl: eventTtl(true),
      });
      if (reply.kind === "no-lease") return reply;
      return { ...reply, jobs: reply.jobs.map((values) => readClaimedJob(values, queue, defaults)) };
    },
    complete: (job, result) =>
      completions.add({
        ...named(job),
        result: result.text,
        resultTtl: job.resultTtlSeconds,
        eventTtl: eventTtl(job.foreign),
      }),
    retry: (job, runAt, message) =>
      retries.add({
        ...named(job),
        queue: job.queue,
        runAt,
        runAtText: formatTimestamp(runAt < FIRST_DATE_MS || runAt > LAST_DATE_MS ? clock.now() : runAt),
        reason: message,
      }),
    deadLetter: (job, message) =>
      deadLetters.add({
        ...named(job),
        dlq: keys.dlq(job.dlq),
        reason: message,
        eventTtl: eventTtl(job.foreign),
      }),
    release: (job, message) => releases.add({ ...named(job), queue: job.queue, reason: message }),
    deadLetterQueued: async (queue, jobs) => {
      await deadLetterQueuedJobs.run(
        redis,
        { queue, defaultDlq: defaults.dlq, now: formatTimestamp(clock.now()), eventTtl: eventTtl(true) },
        jobs.map(({ id, reason }) => ({ job: keys.job(id), lock: keys.lock(id), jobId: id, reason })),
      );
    },
  };
}
