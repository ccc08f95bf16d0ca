import type { Clock } from "@rrq/protocol/runtime";
import type { Redis } from "ioredis";

/** Whoever reads metrics waits no longer for Redis. */
const LONGEST_WAIT_MS = 1_000;

/** How many jobs wait in each queue; nothing of a queue that cannot be read, or not in time. */
export async function readQueueDepths(redis: Redis, queues: readonly string[], clock: Clock): Promise<Map<string, number>> {
  const depths = new Map<string, number>();
  const done = new AbortController();
  const reading = Promise.allSettled(queues.map(async (queue) => depths.set(queue, await redis.zcard(queue)))).then(() => done.abort());
  await Promise.race([reading, clock.sleep(LONGEST_WAIT_MS, done.signal)]);
  return depths;
}
