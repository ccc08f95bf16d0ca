import type { Redis } from "ioredis";
import type { Log } from "./log.ts";

/** With any other policy Redis deletes jobs when its memory is full. */
export async function warnOfEviction(redis: Redis, log: Log): Promise<void> {
  const policy = /maxmemory_policy:(\S+)/.exec(await redis.info("memory"))?.[1];
  if (policy === undefined || policy === "noeviction") return;
  log.error("Redis will DELETE JOBS when its memory is full: set maxmemory-policy to noeviction", { maxmemory_policy: policy });
}

/** Whether Redis itself came up less than a lease ago: then the leases of the living may be gone with its downtime. */
export async function startedLately(redis: Redis, leaseSeconds: number): Promise<boolean> {
  const uptime = /uptime_in_seconds:(\d+)/.exec(await redis.info("server"))?.[1];
  return uptime !== undefined && Number(uptime) < leaseSeconds;
}
