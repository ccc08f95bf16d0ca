import { openTestRedis } from "@rrq/private-redis/vitest";
import { formatTimestamp } from "@rrq/protocol/redis";
import { expect, test } from "vitest";
import type { RedisLike } from "./redis/index.ts";
import { requestCancel } from "./request-cancel.ts";
import { insert } from "./scripts/testing/insert.ts";

const NOW = Date.UTC(2025, 0, 2);
const cancel = (redis: RedisLike, id = "a") => requestCancel(redis, id, "rrq:queue:default", NOW);

test.each(["PENDING", "RETRYING"])("[trap 53] [redis §4.13] a %s job ends at once: out of its queue, for seven days, announced", async (status) => {
  await using db = await openTestRedis();
  const listener = db.redis.duplicate();
  try {
    await listener.subscribe("rrq:ts:done:a");
    const announced = new Promise((resolve) => listener.on("message", (_channel, message) => resolve(message)));
    await insert(db.redis, { id: "a", queue: "mail" });
    await db.redis.hset("rrq:job:a", "status", status);
    expect(await cancel(db.redis)).toEqual({ kind: "cancelled" });
    expect(await announced).toBe("CANCELLED");
  } finally {
    listener.disconnect();
  }
  expect(await db.redis.hmget("rrq:job:a", "status", "completion_time")).toEqual(["CANCELLED", formatTimestamp(NOW)]);
  expect(await db.redis.ttl("rrq:job:a")).toBe(604_800);
  expect(await db.redis.keys("*")).toEqual(["rrq:job:a"]);
});

test("[trap 53] [design §8] its unique and idempotency keys are given up, upstream's lock too", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", unique: { key: "u" } });
  await insert(db.redis, { id: "b", idempotency: { key: "i" } });
  await insert(db.redis, { id: "c" });
  await db.redis.hset("rrq:job:c", "job_unique_key", "l");
  await db.redis.set("rrq:lock:unique:l", "c");
  for (const id of ["a", "b", "c"]) expect(await cancel(db.redis, id)).toEqual({ kind: "cancelled" });
  expect((await db.redis.keys("*")).sort()).toEqual(["rrq:job:a", "rrq:job:b", "rrq:job:c"]);
});

test("[trap 24] keys that name another job by now are left alone", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", unique: { key: "u" } });
  await db.redis.set("rrq:ts:unique:u", "b");
  expect(await cancel(db.redis)).toEqual({ kind: "cancelled" });
  expect(await db.redis.get("rrq:ts:unique:u")).toBe("b");
});

test("[design §8] a job that runs under ours: its orchestrator is asked, and the hash says so", async () => {
  await using db = await openTestRedis();
  const listener = db.redis.duplicate();
  try {
    await listener.subscribe("rrq:ts:cancel:w1");
    const asked = new Promise((resolve) => listener.on("message", (_channel, message) => resolve(message)));
    await insert(db.redis, { id: "a" });
    await db.redis.hset("rrq:job:a", { status: "ACTIVE", worker_id: "w1", fence: "7" });
    expect(await cancel(db.redis)).toEqual({ kind: "requested" });
    expect(await asked).toBe("a");
  } finally {
    listener.disconnect();
  }
  expect(await db.redis.hmget("rrq:job:a", "status", "cancel")).toEqual(["ACTIVE", "1"]);
});

test.each<[string, Record<string, string>, boolean, object]>([
  ["it runs under upstream's", { status: "ACTIVE", worker_id: "w" }, false, { status: "ACTIVE", why: "upstream" }],
  ["upstream claimed it after us", { status: "ACTIVE", worker_id: "w", fence: "7" }, true, { status: "ACTIVE", why: "upstream" }],
  ["upstream is between two commands", { status: "RETRYING" }, true, { status: "RETRYING", why: "upstream" }],
  ["it is completed", { status: "COMPLETED" }, false, { status: "COMPLETED", why: "ended" }],
  ["it failed", { status: "FAILED" }, false, { status: "FAILED", why: "ended" }],
  ["we completed it, and upstream hides that", { status: "PENDING", closed: "1" }, false, { status: "COMPLETED", why: "ended" }],
  ["its status is none", { status: "LOST" }, false, { status: "LOST", why: "malformed" }],
])("[design §8] refused, and nothing changes: %s", async (_title, fields, isLocked, refusal) => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a" });
  await db.redis.hset("rrq:job:a", fields);
  if (isLocked) await db.redis.set("rrq:lock:job:a", "w");
  const before = await db.redis.hgetall("rrq:job:a");
  expect(await cancel(db.redis)).toEqual({ kind: "refused", ...refusal });
  expect(await db.redis.hgetall("rrq:job:a")).toEqual(before);
  expect(await db.redis.zscore("rrq:queue:default", "a")).not.toBe(null);
});

test("[producer §11] cancelled is cancelled, however often one asks; an unknown id is an answer", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a" });
  await cancel(db.redis);
  expect(await cancel(db.redis)).toEqual({ kind: "cancelled" });
  expect(await cancel(db.redis, "nobody")).toEqual({ kind: "unknown" });
});

test("[design §6] a job that moves between the look and the script is found in its new queue", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", queue: "one" });
  const original = db.redis.hmget.bind(db.redis) as RedisLike["hmget"];
  let looks = 0;
  const redis: RedisLike = Object.assign(Object.create(db.redis) as RedisLike, {
    hmget: async (key: string, ...fields: string[]) => {
      const held = await original(key, ...fields);
      if (looks++ === 0) {
        await db.redis.multi().zrem("rrq:queue:one", "a").zadd("rrq:queue:two", 1, "a").hset(key, "queue_name", "two").exec();
      }
      return held;
    },
  });
  expect(await cancel(redis)).toEqual({ kind: "cancelled" });
  expect(looks).toBe(2);
  expect(await db.redis.keys("*")).toEqual(["rrq:job:a"]);
});

test.each(["rrq:job:a", "rrq:queue:default"])("[design §8] %s of another type: WRONG_TYPE, and nothing changes", async (key) => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a" });
  await db.redis.del(key);
  await db.redis.lpush(key, "x");
  await expect(cancel(db.redis)).rejects.toMatchObject({ code: "WRONG_TYPE", message: expect.stringContaining(key === "rrq:job:a" ? "HMGET" : key) as unknown });
  expect(await db.redis.type(key)).toBe("list");
  if (key !== "rrq:job:a") expect(await db.redis.hget("rrq:job:a", "status")).toBe("PENDING");
});
