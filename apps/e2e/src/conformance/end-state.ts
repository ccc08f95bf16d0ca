import type { TestDatabase } from "@rrq/private-redis/vitest";
import { prefixes } from "@rrq/protocol/redis";

type Redis = TestDatabase["redis"];

/** Everything in a database, as paths and values, with what differs from run to run made alike. */
export type EndState = Readonly<Record<string, string>>;

/** Fields that hold an instant: only that they are there can be compared. */
const TIMES = ["enqueue_time", "next_scheduled_run_time", "start_time", "completion_time"];

export async function readEndState(redis: Redis): Promise<EndState> {
  const state: Record<string, string> = {};
  for (const key of (await redis.keys("*")).toSorted()) {
    // A heartbeat says who lives, not what became of a job.
    if (key.startsWith(prefixes.health)) continue;
    const path = key.replace(/rrq_worker_\d+_[0-9a-f]{6}/, "<worker>");
    state[`${path} ttl`] = ttlClass(await redis.ttl(key));
    for (const [name, value] of await readKey(redis, key)) state[`${path} ${name}`] = value;
  }
  return state;
}

async function readKey(redis: Redis, key: string): Promise<readonly (readonly [string, string])[]> {
  switch (await redis.type(key)) {
    case "hash":
      return Object.entries(await redis.hgetall(key)).map(([field, value]) => [field, likeAll(field, value)]);
    case "zset":
      return (await redis.zrange(key, "0", "-1")).map((id) => [`has ${id}`, "yes"]);
    case "list":
      return [["holds", (await redis.lrange(key, 0, -1)).join(" ")]];
    case "stream":
      return [["says", (await redis.xrange(key, "-", "+")).map(([, fields]) => fields.join(" ")).join("; ")]];
    case "set":
      return [["holds", (await redis.smembers(key)).toSorted().join(" ")]];
    default:
      return [["is", (await redis.get(key)) ?? ""]];
  }
}

function likeAll(field: string, value: string): string {
  if (TIMES.includes(field)) return Number.isNaN(Date.parse(value)) ? value : "<time>";
  if (field === "worker_id") return "<worker>";
  if (field === "fence") return "<fence>";
  if (field === "errors") return "<errors>";
  return value;
}

function ttlClass(seconds: number): string {
  if (seconds < 0) return "none";
  if (seconds > 500_000) return "a week";
  return seconds > 3_000 ? "an hour or more" : "short";
}

/** What two end states have otherwise: `path: theirs → ours`. */
export function compare(theirs: EndState, ours: EndState): readonly string[] {
  const paths = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].toSorted();
  return paths
    .filter((path) => theirs[path] !== ours[path])
    .map((path) => `${path}: ${theirs[path] ?? "–"} → ${ours[path] ?? "–"}`.slice(0, 1_000));
}
