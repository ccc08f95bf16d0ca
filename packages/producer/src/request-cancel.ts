import { formatTimestamp, keys } from "@rrq/protocol/redis";
import { toRedisError } from "./redis/redis-errors.ts";
import type { RedisLike } from "./redis/redis-like.ts";
import { CANCEL_FIELDS, cancelJob, type CancelReply } from "./scripts/cancel-job.ts";

/** What became of a request to cancel a job. One that is cancelled already counts as cancelled. */
export type CancelResult = Exclude<CancelReply, { kind: "changed" }>;

/**
 * Cancels a job: reads which keys its hash names, then runs the script, which looks again and says so if they changed.
 * `defaultQueue` is for hashes that name none; `now` in epoch milliseconds. Rejects as scripts do.
 */
export async function requestCancel(redis: RedisLike, id: string, defaultQueue: string, now: number): Promise<CancelResult> {
  const job = keys.job(id);
  for (;;) {
    const named = await redis.hmget(job, ...CANCEL_FIELDS).catch((error: unknown) => {
      throw toRedisError("HMGET", error);
    });
    const [queue, unique, uniqueLock, idempotency] = named;
    const reply = await cancelJob.run(redis, {
      job,
      queue: keys.queue(queue ?? defaultQueue),
      lock: keys.lock(id),
      unique: unique ? keys.unique(unique) : job,
      uniqueLock: uniqueLock ? keys.uniqueLock(uniqueLock) : job,
      idempotency: idempotency ? keys.idempotency(idempotency) : job,
      jobId: id,
      now: formatTimestamp(now),
      named: named.map((name) => name ?? "").join("\n"),
    });
    if (reply.kind === "refused" && reply.status === "CANCELLED") return { kind: "cancelled" };
    if (reply.kind !== "changed") return reply;
  }
}
