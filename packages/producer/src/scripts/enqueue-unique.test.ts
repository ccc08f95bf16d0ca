import { openTestRedis } from "@rrq/private-redis/vitest";
import { expect, test } from "vitest";
import { insert } from "./testing/insert.ts";

const unique = { key: "k" };

test("[trap 24] [producer §9] [design §3] the key names the job, the job remembers the key, and upstream sees no lock of its own in it", async () => {
  await using db = await openTestRedis();
  expect(await insert(db.redis, { id: "a", unique })).toEqual({ kind: "enqueued" });
  expect(await db.redis.get("rrq:ts:unique:k")).toBe("a");
  expect(await db.redis.hget("rrq:job:a", "unique_key")).toBe("k");
  expect(await db.redis.hget("rrq:job:a", "job_unique_key")).toBe(null); // upstream would delete a lock of its own for it
  expect(await db.redis.exists("rrq:lock:unique:k")).toBe(0);
});

test.each(["PENDING", "ACTIVE", "RETRYING"])("[design §4] while the first is %s there is no second", async (status) => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", unique });
  await db.redis.hset("rrq:job:a", "status", status);
  expect(await insert(db.redis, { id: "b", unique })).toEqual({ kind: "held", by: "a" });
  expect(await db.redis.exists("rrq:job:b")).toBe(0);
});

test.each([
  ["it COMPLETED", { status: "COMPLETED" }],
  ["it FAILED", { status: "FAILED" }],
  ["it was CANCELLED", { status: "CANCELLED" }],
  ["we completed it, and a late command of upstream's hides that", { status: "PENDING", closed: "1" }],
])("[design §3] a key that was left behind is taken over: %s", async (_title, fields) => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", unique });
  await db.redis.hset("rrq:job:a", fields);
  expect(await insert(db.redis, { id: "b", unique })).toEqual({ kind: "enqueued" });
  expect(await db.redis.get("rrq:ts:unique:k")).toBe("b");
});

test("[design §3] also when its hash is gone, or is no hash", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", unique });
  await db.redis.del("rrq:job:a");
  expect(await insert(db.redis, { id: "b", unique })).toEqual({ kind: "enqueued" });
  await db.redis.set("rrq:job:b", "text");
  expect(await insert(db.redis, { id: "c", unique })).toEqual({ kind: "enqueued" });
});

test("[design §8] the second execution of one call answers as the first, also after the job's end", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", unique }, { nonce: "n" });
  expect(await insert(db.redis, { id: "a", unique }, { nonce: "n" })).toEqual({ kind: "enqueued" });
  await db.redis.hset("rrq:job:a", "status", "COMPLETED");
  await db.redis.del("rrq:ts:unique:k");
  expect(await insert(db.redis, { id: "a", unique }, { nonce: "n" })).toEqual({ kind: "enqueued" });
  expect(await db.redis.exists("rrq:ts:unique:k")).toBe(0);
});
