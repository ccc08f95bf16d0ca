import { type HeartbeatReading, prefixes, readHeartbeat } from "@rrq/protocol/redis";
import type { Redis } from "ioredis";
import { scanKeys } from "./scan-keys.ts";

export interface WorkerSummary {
  readonly workerId: string;
  /** What its heartbeat tells; every member is `null` if nobody can read it. */
  readonly heartbeat: HeartbeatReading;
  /** Seconds until it counts as dead if it does not tell again; `null` if its key never expires. */
  readonly ttlSeconds: number | null;
}

/** The workers with a heartbeat, ours and upstream's, by id. */
export async function listWorkers(redis: Redis): Promise<readonly WorkerSummary[]> {
  const names = await scanKeys(redis, prefixes.health);
  const workers = await Promise.all(names.map((name) => look(redis, name)));
  return workers.filter((worker) => worker !== null);
}

async function look(redis: Redis, name: string): Promise<WorkerSummary | null> {
  const replies = await redis.multi().get(name).ttl(name).exec();
  const [error, text] = replies?.[0] ?? [null, null];
  const ttl = Number(replies?.[1]?.[1]);
  if (error === null && text === null) return null; // it ended between the SCAN and now
  return {
    workerId: name.slice(prefixes.health.length),
    heartbeat: readHeartbeat(typeof text === "string" ? text : ""),
    ttlSeconds: ttl < 0 ? null : ttl,
  };
}
