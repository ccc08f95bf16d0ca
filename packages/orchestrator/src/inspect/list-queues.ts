import { prefixes } from "@rrq/protocol/redis";
import type { Redis } from "ioredis";
import { scanKeys } from "./scan-keys.ts";

export interface QueueSummary {
  /** Full key. */
  readonly queue: string;
  /** Jobs that wait in it, those for later too; `null` if the key is no queue. */
  readonly pending: number | null;
  /** When the first of them may run, epoch milliseconds; `null` if there is none. */
  readonly oldestAt: number | null;
  /** When the last of them may run. */
  readonly newestAt: number | null;
}

/** The queues that hold jobs, by name. A key of another type is listed as such. */
export async function listQueues(redis: Redis): Promise<readonly QueueSummary[]> {
  const names = await scanKeys(redis, prefixes.queue);
  return Promise.all(names.map((queue) => lookInto(redis, queue)));
}

async function lookInto(redis: Redis, queue: string): Promise<QueueSummary> {
  const replies = await redis
    .pipeline()
    .zcard(queue)
    .zrange(queue, "0", "0", "WITHSCORES")
    .zrange(queue, "-1", "-1", "WITHSCORES")
    .exec();
  const [card, first, last] = (replies ?? []).map(([error, reply]) => (error === null ? reply : null));
  return {
    queue,
    pending: typeof card === "number" ? card : null,
    oldestAt: scoreOf(first),
    newestAt: scoreOf(last),
  };
}

function scoreOf(reply: unknown): number | null {
  const score = Array.isArray(reply) && reply.length > 1 ? Number(reply[1]) : Number.NaN;
  return Number.isNaN(score) ? null : score;
}
