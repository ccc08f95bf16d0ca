import { openTestRedis } from "@rrq/private-redis/vitest";
import { expect, test } from "vitest";
import { insert } from "./testing/insert.ts";

const idempotency = { key: "k", ttlSeconds: 60 };

test("[producer §5.1] [redis §4.10] the key names the job, with its TTL, and the job remembers the key", async () => {
  await using db = await openTestRedis();
  expect(await insert(db.redis, { id: "a", idempotency })).toEqual({ kind: "enqueued" });
  expect(await db.redis.get("rrq:idempotency:k")).toBe("a");
  expect(await db.redis.ttl("rrq:idempotency:k")).toBe(60);
  expect(await db.redis.hget("rrq:job:a", "idempotency_key")).toBe("k");
});

test.each(["PENDING", "ACTIVE", "COMPLETED", "FAILED", "CANCELLED"])(
  "[producer §5.1] while the named job's hash is there, %s, the same key answers with it and touches nothing",
  async (status) => {
    await using db = await openTestRedis();
    await insert(db.redis, { id: "a", idempotency }, { params: '{"n":1}' });
    await db.redis.hset("rrq:job:a", "status", status);
    expect(await insert(db.redis, { id: "b", idempotency }, { params: '{"n":2}' })).toEqual({ kind: "held", by: "a" });
    expect(await db.redis.hget("rrq:job:a", "job_params")).toBe('{"n":1}');
    expect(await db.redis.exists("rrq:job:b")).toBe(0);
    expect(await db.redis.zrange("rrq:queue:default", "0", "-1")).toEqual(["a"]);
  },
);

test("[producer §5.1] a key whose job is gone is taken over", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", idempotency });
  await db.redis.del("rrq:job:a");
  expect(await insert(db.redis, { id: "b", idempotency })).toEqual({ kind: "enqueued" });
  expect(await db.redis.get("rrq:idempotency:k")).toBe("b");
});

test("[producer §5.1] the key counts before the id; an id that is taken leaves the key alone", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a" });
  expect(await insert(db.redis, { id: "a", idempotency })).toEqual({ kind: "same-id" });
  expect(await db.redis.exists("rrq:idempotency:k")).toBe(0);
  await insert(db.redis, { id: "b", idempotency });
  expect(await insert(db.redis, { id: "a", idempotency })).toEqual({ kind: "held", by: "b" });
});

test("[design §8] the second execution of one call answers as the first", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", idempotency }, { nonce: "n" });
  expect(await insert(db.redis, { id: "a", idempotency }, { nonce: "n" })).toEqual({ kind: "enqueued" });
});
