import { type JobRecord, keys, readJobRecord } from "@rrq/protocol/redis";
import type { Redis } from "ioredis";

/** The record of a job; `null` if there is none. Throws `WRONG_TYPE` if its key holds something else. */
export async function findJob(redis: Redis, id: string): Promise<JobRecord | null> {
  const fields = await redis.hgetall(keys.job(id));
  return Object.keys(fields).length === 0 ? null : readJobRecord(id, fields);
}
