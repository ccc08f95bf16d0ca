import { connect } from "@rrq/producer/redis";
import { loadConfig } from "@rrq/protocol/config";
import type { JobRecord } from "@rrq/protocol/redis";
import type { Redis } from "ioredis";
import { findJob } from "./find-job.ts";
import { listQueues, type QueueSummary } from "./list-queues.ts";
import { listWorkers, type WorkerSummary } from "./list-workers.ts";

export interface InspectorOptions {
  /** Where Redis is. @default what `config` says */
  readonly redisUrl?: string;
  /** Path of an `rrq.toml`. @default `RRQ_CONFIG`, then `rrq.toml` in the current directory, unless `redisUrl` is given */
  readonly config?: string;
  /** Milliseconds to wait for Redis before giving up. @default 4000 */
  readonly giveUpAfterMs?: number;
}

/** Answers people's questions about jobs, queues and workers. It changes nothing. */
export interface Inspector extends AsyncDisposable {
  /** The job with this id; `null` if there is none. */
  job(id: string): Promise<JobRecord | null>;
  /** Queues that hold jobs, by name. */
  queues(): Promise<readonly QueueSummary[]>;
  /** Workers with a heartbeat, by id. */
  workers(): Promise<readonly WorkerSummary[]>;
  /** Lets go of the connection. Twice is fine. */
  close(): Promise<void>;
}

const GIVE_UP_AFTER_MS = 4_000;

/** Opens an inspector. Throws `CONFIG_NOT_FOUND`, `INVALID_CONFIG`, `REDIS_UNAVAILABLE`, `REDIS_REFUSED`, `REDIS_UNSUPPORTED`. */
export async function openInspector(options: InspectorOptions = {}): Promise<Inspector> {
  const redis = await openRedis(options);
  const close = (): Promise<void> => {
    redis.disconnect();
    return Promise.resolve();
  };
  return {
    job: (id) => findJob(redis, id),
    queues: () => listQueues(redis),
    workers: () => listWorkers(redis),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function openRedis({ redisUrl, config, giveUpAfterMs = GIVE_UP_AFTER_MS }: InspectorOptions): Promise<Redis> {
  if (redisUrl !== undefined) return connect(redisUrl, { name: "rrq-inspect", giveUpAfterMs });
  const { settings } = await loadConfig({ for: "inspect", ...(config === undefined ? {} : { path: config }) });
  return connect(settings.redisDsn, { name: "rrq-inspect", giveUpAfterMs, tlsCaFile: settings.tlsCaFile });
}
