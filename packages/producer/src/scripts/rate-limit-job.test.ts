import { openTestRedis } from "@rrq/private-redis/vitest";
import { expect, test } from "vitest";
import { insert } from "./testing/insert.ts";

const rateLimit = { key: "k", windowSeconds: 60 };

test("[producer §5.2] [redis §4.10] the first call in a window makes a job, the others make none and do not make it longer", async () => {
  await using db = await openTestRedis();
  expect(await insert(db.redis, { id: "a", rateLimit, delaySeconds: 5 })).toEqual({ kind: "enqueued" });
  expect(await db.redis.get("rrq:rate_limit:k")).toBe("a");
  await db.redis.expire("rrq:rate_limit:k", 7);
  expect(await insert(db.redis, { id: "b", rateLimit })).toEqual({ kind: "rate-limited" });
  expect(await db.redis.ttl("rrq:rate_limit:k")).toBeLessThanOrEqual(7);
  expect(await db.redis.exists("rrq:job:b")).toBe(0);
});

test("[producer §5.2] after the window the next call makes a job", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", rateLimit });
  await db.redis.del("rrq:rate_limit:k");
  expect(await insert(db.redis, { id: "b", rateLimit })).toEqual({ kind: "enqueued" });
});

test("[producer §5.2] an id that is taken leaves the window open", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a" });
  expect(await insert(db.redis, { id: "a", rateLimit })).toEqual({ kind: "same-id" });
  expect(await db.redis.exists("rrq:rate_limit:k")).toBe(0);
});

test("[design §8] the second execution of one call answers as the first, and is not limited by it", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", rateLimit }, { nonce: "n" });
  expect(await insert(db.redis, { id: "a", rateLimit }, { nonce: "n" })).toEqual({ kind: "enqueued" });
});
