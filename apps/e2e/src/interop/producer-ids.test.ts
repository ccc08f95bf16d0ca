import { openTestRedis } from "@rrq/private-redis/vitest";
import { createProducer } from "@rrq/producer";
import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import { useUpstreamClient } from "./upstream-client.ts";

describe.skipIf(inject("upstream") === null)("[producer §10] two producers, one job id or idempotency key:", () => {
  const upstream = useUpstreamClient();

  test("[producer §5.1] an id that ours took is an error for theirs, and nothing of the job changes", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await ours.enqueue("work", { n: 1 }, { id: "a" });
    const before = await db.redis.hgetall(keys.job("a"));
    await expect(upstream(db.url)("enqueue", "work", { job_id: "a", params: { n: 2 } })).rejects.toThrow("job_id already exists");
    expect(await db.redis.hgetall(keys.job("a"))).toEqual(before);
  });

  test("[producer §5.1] an id that theirs took is a duplicate for ours, and an error for another function", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await upstream(db.url)("enqueue", "work", { job_id: "b", params: { n: 1 } });
    const before = await db.redis.hgetall(keys.job("b"));
    expect(await ours.enqueue("work", { n: 2 }, { id: "b" })).toEqual({ kind: "duplicate", jobId: "b" });
    await expect(ours.enqueue("other", {}, { id: "b" })).rejects.toMatchObject({ code: "JOB_ID_TAKEN" });
    expect(await db.redis.hgetall(keys.job("b"))).toEqual(before);
  });

  test("[producer §5.1] a key of ours gives theirs our job; its own params and id are not looked at", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    await ours.enqueue("work", { n: 1 }, { id: "a", idempotency: { key: "k", ttlSeconds: 600 } });
    expect(await theirs("enqueue_with_unique_key", "other", "k", { job_id: "b", params: { n: 2 } })).toBe("a");
    expect(await db.redis.hmget(keys.job("a"), "function_name", "job_params")).toEqual(["work", '{"n":1}']);
    expect(await db.redis.exists(keys.job("b"))).toBe(0);
    expect(await db.redis.zcard(keys.queue("default"))).toBe(1);
  });

  test("[producer §5.1] a key of theirs gives ours their job, for as long as its hash is there", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    const idempotency = { key: "k" };
    await theirs("enqueue_with_unique_key", "work", "k", { job_id: "b", unique_ttl_seconds: 600 });
    expect(await ours.enqueue("other", {}, { idempotency })).toEqual({ kind: "duplicate", jobId: "b" });
    await db.redis.hset(keys.job("b"), "status", "COMPLETED");
    expect(await ours.enqueue("work", {}, { idempotency })).toEqual({ kind: "duplicate", jobId: "b" });
    await db.redis.del(keys.job("b"));
    expect(await ours.enqueue("work", {}, { id: "c", idempotency })).toEqual({ kind: "enqueued", jobId: "c" });
    expect(await theirs("enqueue_with_unique_key", "work", "k", {})).toBe("c");
    await db.redis.del(keys.job("c"));
    expect(await theirs("enqueue_with_unique_key", "work", "k", { job_id: "d" })).toBe("d");
    expect(await ours.enqueue("work", {}, { idempotency })).toEqual({ kind: "duplicate", jobId: "d" });
  });

  test("[producer §5.1] [redis §1.1] both put the prefix before every key, also before one that has it", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const key = "rrq:idempotency:k";
    await ours.enqueue("work", {}, { id: "a", idempotency: { key } });
    expect(await upstream(db.url)("enqueue_with_unique_key", "work", key, {})).toBe("a");
    expect(await db.redis.keys("rrq:idempotency:*")).toEqual(["rrq:idempotency:rrq:idempotency:k"]);
  });

  test("[producer §5.1] the key of a deferred job lives until it may run, whoever made it", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    await ours.enqueue("work", {}, { id: "a", delaySeconds: 900.5, idempotency: { key: "ours", ttlSeconds: 10 } });
    await theirs("enqueue_with_unique_key", "work", "theirs", { job_id: "b", defer_by_seconds: 900.5, unique_ttl_seconds: 10 });
    const lives = await Promise.all(["ours", "theirs"].map((key) => db.redis.pttl(keys.idempotency(key))));
    for (const ms of lives) {
      expect(ms).toBeGreaterThan(890_000);
      expect(ms).toBeLessThanOrEqual(901_000);
    }
    expect(await theirs("enqueue_with_unique_key", "work", "ours", {})).toBe("a");
    expect(await ours.enqueue("work", {}, { idempotency: { key: "theirs" } })).toEqual({ kind: "duplicate", jobId: "b" });
  });

  test("[producer §9] [redis §4.9] keys of ours that hold until the job ends are none of theirs", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    await ours.enqueue("work", {}, { id: "a", unique: { key: "k" } });
    expect(await theirs("enqueue_with_unique_key", "work", "k", { job_id: "b" })).toBe("b");
    expect(await ours.enqueue("work", {}, { unique: { key: "k" } })).toEqual({ kind: "duplicate", jobId: "a" });
    expect(await db.redis.hget(keys.job("a"), "job_unique_key")).toBeNull();
    expect(await db.redis.exists(keys.uniqueLock("k"))).toBe(0);
  });
});
