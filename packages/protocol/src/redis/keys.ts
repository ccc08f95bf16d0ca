/** What the prefixes of upstream's names are; queue and dead-letter queue names are stored with theirs. */
export const prefixes = {
  job: "rrq:job:",
  queue: "rrq:queue:",
  dlq: "rrq:dlq:",
  idempotency: "rrq:idempotency:",
  rateLimit: "rrq:rate_limit:",
  debounce: "rrq:debounce:",
  active: "rrq:active:jobs:",
  health: "rrq:health:worker:",
  lock: "rrq:lock:job:",
  uniqueLock: "rrq:lock:unique:",
  events: "rrq:events:job:",
} as const;

function prefixed(prefix: string, name: string): string {
  return name.startsWith(prefix) ? name : prefix + name;
}

/** Every key of RRQ: upstream's first, then ours under `rrq:ts:`. Each with its Redis type, its meaning and what bounds it. */
export const keys = {
  /** HASH: definition, state and result of a job. TTL once the job has ended. */
  job: (id: string): string => prefixes.job + id,
  /** ZSET: ids of waiting jobs, scored by the epoch milliseconds from which they may run. Takes a bare name or a full key. */
  queue: (name: string): string => prefixed(prefixes.queue, name),
  /** LIST: ids of dead-lettered jobs, newest first. Takes a bare name or a full key. */
  dlq: (name: string): string => prefixed(prefixes.dlq, name),
  /** STRING with TTL: id of the job that an idempotency key stands for. */
  idempotency: (key: string): string => prefixes.idempotency + key,
  /** STRING with TTL: id of the job that took the window of a rate limit. Takes a bare or a full key. */
  rateLimit: (key: string): string => prefixed(prefixes.rateLimit, key),
  /** STRING with TTL: id of the waiting job that later calls are merged into. Takes a bare or a full key. */
  debounce: (key: string): string => prefixed(prefixes.debounce, key),
  /** ZSET: ids of the jobs a worker claimed, scored by the epoch *seconds* of their start. */
  active: (workerId: string): string => prefixes.active + workerId,
  /** STRING with TTL, JSON: heartbeat of a worker; while it lives, its jobs are its own. */
  health: (workerId: string): string => prefixes.health + workerId,
  /** STRING with TTL: upstream's lock on a job. We never write it, and honour it. */
  lock: (id: string): string => prefixes.lock + id,
  /** STRING with TTL: id of the job that holds a unique key of upstream's orchestrator. */
  uniqueLock: (key: string): string => prefixes.uniqueLock + key,
  /** STREAM with TTL: upstream's announcement that a job ended. */
  events: (id: string): string => prefixes.events + id,

  /** SET: ids of our workers, for adoption without a SCAN. A worker leaves when nothing is left to adopt. */
  workers: "rrq:ts:workers",
  /** STRING: id of the unfinished job that holds a unique key of ours; goes with the job's end. */
  unique: (key: string): string => `rrq:ts:unique:${key}`,
  /** STRING with TTL: the worker that fired a slot of a cron entry; `slotAt` is the slot in epoch milliseconds. `SET NX`: one in the fleet. */
  cronSlot: (entry: string, slotAt: number): string => `rrq:ts:cron:${entry}:${slotAt}`,
  /** STRING with TTL: epoch milliseconds of the latest slot of a cron entry that was settled, by which misses are known. */
  cronLast: (entry: string): string => `rrq:ts:cron-last:${entry}`,
  /** STRING with TTL: the worker that looks for jobs in no place at the moment. `SET NX`: one in the fleet. */
  audit: "rrq:ts:audit",
} as const;

/** Pub/sub channels of ours. A message lost costs time, never a job. */
export const channels = {
  /** A job was put into this queue; the message is the epoch milliseconds from which it may run. Takes a bare name or a full key. */
  wake: (queue: string): string => `rrq:ts:wake:${keys.queue(queue).slice(prefixes.queue.length)}`,
  /** A job ended; the message is its status. */
  done: (id: string): string => `rrq:ts:done:${id}`,
  /** Requests to one worker to cancel a job it runs; the message is the job's id. */
  cancel: (workerId: string): string => `rrq:ts:cancel:${workerId}`,
} as const;

/** Seconds that some keys live. */
export const ttlSeconds = {
  /** A job that ended FAILED or CANCELLED, and its events. */
  ended: 604_800,
  /** `keys.cronSlot`: longer than the clocks of a fleet differ, and than a worker may be late. */
  cronSlot: 86_400,
  /** `keys.cronLast`: longer than the longest pause of a schedule that is missed on purpose. */
  cronLast: 34_560_000,
} as const;

export const DEFAULT_QUEUE = keys.queue("default");
export const DEFAULT_DLQ = keys.dlq("default");
