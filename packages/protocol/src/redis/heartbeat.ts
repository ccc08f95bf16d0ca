import { parseTimestamp } from "../timestamp.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { parseStoredObject } from "./stored-json.ts";

/** What a worker tells of itself under `keys.health`. */
export interface Heartbeat {
  readonly workerId: string;
  /** Upstream's words: `initializing`, `running`, `polling`, `idle (no jobs)`, `idle (concurrency limit)`; ours may be others. */
  readonly status: string;
  /** Full keys of the queues it takes jobs from. */
  readonly queues: readonly string[];
  readonly activeJobs: number;
  /** Jobs it runs at most at a time. */
  readonly concurrencyLimit: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Ours: the runners it serves, by name. */
  readonly runners: Readonly<Record<string, RunnerLoad>>;
  /** Ours: jobs that ended in the last minute or so, a second, by the full key of their queue. */
  readonly rates: Readonly<Record<string, number>>;
}

export interface RunnerLoad {
  /** Jobs it can run at a time. */
  readonly slots: number;
  /** Slots taken. */
  readonly busy: number;
}

/** A heartbeat as it was read. What upstream's workers do not tell, or nobody can read, is `null`. */
export type HeartbeatReading = { readonly [Member in keyof Heartbeat]: Heartbeat[Member] | null };

/** The value of `keys.health`. Upstream reads its own six members and ignores ours. */
export function formatHeartbeat(heartbeat: Heartbeat): string {
  return JSON.stringify({
    active_jobs: heartbeat.activeJobs,
    concurrency_limit: heartbeat.concurrencyLimit,
    queues: heartbeat.queues,
    rates: heartbeat.rates,
    runners: heartbeat.runners,
    status: heartbeat.status,
    timestamp: formatTimestamp(heartbeat.at),
    worker_id: heartbeat.workerId,
  });
}

/** Reads any worker's heartbeat; never throws. Text that is no JSON object reads as one that tells nothing. */
export function readHeartbeat(text: string): HeartbeatReading {
  const payload = parseStoredObject(text) ?? {};
  return {
    workerId: readText(payload["worker_id"]),
    status: readText(payload["status"]),
    queues: readTexts(payload["queues"]),
    activeJobs: readNumber(payload["active_jobs"]),
    concurrencyLimit: readNumber(payload["concurrency_limit"]),
    at: readInstant(payload["timestamp"]),
    runners: readMap(payload["runners"], readLoad),
    rates: readMap(payload["rates"], readNumber),
  };
}

function readText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function readNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function readTexts(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : null;
}

/** RFC 3339; the synthetic workers of upstream's `debug generate-workers` have epoch seconds. */
function readInstant(value: unknown): number | null {
  return typeof value === "number" ? value * 1000 : typeof value === "string" ? parseTimestamp(value, "strict") : null;
}

function readLoad(value: unknown): RunnerLoad | null {
  if (!isObject(value)) return null;
  const slots = readNumber(value["slots"]);
  const busy = readNumber(value["busy"]);
  return slots === null || busy === null ? null : { slots, busy };
}

function readMap<Value>(map: unknown, read: (value: unknown) => Value | null): Readonly<Record<string, Value>> | null {
  if (!isObject(map)) return null;
  return Object.fromEntries(
    Object.entries(map).flatMap(([name, raw]) => {
      const value = read(raw);
      return value === null ? [] : [[name, value]];
    }),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
