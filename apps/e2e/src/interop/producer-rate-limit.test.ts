import { openTestRedis } from "@rrq/private-redis/vitest";
import { createProducer } from "@rrq/producer";
import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import { useUpstreamClient } from "./upstream-client.ts";

const rateLimit = { key: "k", windowSeconds: 600 };
const THEIRS = { rate_limit_key: "k", rate_limit_seconds: 600 };

describe.skipIf(inject("upstream") === null)("[producer §10] two producers, one rate limit:", () => {
  const upstream = useUpstreamClient();

  test("[producer §5.2] the window that ours took is closed to theirs, and no longer for their trying", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await ours.enqueue("work", {}, { id: "a", rateLimit });
    await db.redis.pexpire(keys.rateLimit("k"), 300_000);
    expect(await upstream(db.url)("enqueue_with_rate_limit", "work", { job_id: "b", ...THEIRS })).toBeNull();
    expect(await db.redis.pttl(keys.rateLimit("k"))).toBeLessThanOrEqual(300_000);
    expect(await db.redis.zrange(keys.queue("default"), 0, "-1")).toEqual(["a"]);
  });

  test("[producer §5.2] the window that theirs took is closed to ours, and no longer for our trying", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await upstream(db.url)("enqueue_with_rate_limit", "work", { job_id: "b", ...THEIRS });
    await db.redis.pexpire(keys.rateLimit("k"), 300_000);
    expect(await ours.enqueue("work", {}, { id: "a", rateLimit })).toEqual({ kind: "rate-limited" });
    expect(await db.redis.pttl(keys.rateLimit("k"))).toBeLessThanOrEqual(300_000);
    expect(await db.redis.zrange(keys.queue("default"), 0, "-1")).toEqual(["b"]);
  });

  test("[producer §5.2] a window that is over is open to whoever comes first", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    await ours.enqueue("work", {}, { rateLimit });
    await db.redis.del(keys.rateLimit("k"));
    expect(await theirs("enqueue_with_rate_limit", "work", { job_id: "b", ...THEIRS })).toBe("b");
    await db.redis.del(keys.rateLimit("k"));
    expect(await ours.enqueue("work", {}, { id: "a", rateLimit })).toEqual({ kind: "enqueued", jobId: "a" });
    expect(await db.redis.get(keys.rateLimit("k"))).toBe("a");
  });

  test.each(["k", "rrq:rate_limit:k"])("[producer §5.2] [redis §1.1] the key '%s' and its window are written alike", async (key) => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const seen: [key: string, value: string | null, seconds: number][] = [];
    const look = async (): Promise<void> => {
      for (const found of await db.redis.keys("rrq:rate_limit:*")) seen.push([found, await db.redis.get(found), await db.redis.ttl(found)]);
      await db.redis.flushdb();
    };
    await ours.enqueue("work", {}, { id: "a", rateLimit: { key, windowSeconds: 99.0001 } });
    await look();
    await upstream(db.url)("enqueue_with_rate_limit", "work", { job_id: "a", rate_limit_key: key, rate_limit_seconds: 99.0001 });
    await look();
    expect(seen).toEqual([
      ["rrq:rate_limit:k", "a", 100],
      ["rrq:rate_limit:k", "a", 100],
    ]);
  });

  test("[producer §5.2] an id that is taken gives the window back", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    await theirs("enqueue", "work", { job_id: "b" });
    expect(await ours.enqueue("work", {}, { id: "b", rateLimit })).toEqual({ kind: "duplicate", jobId: "b" });
    await expect(theirs("enqueue_with_rate_limit", "work", { job_id: "b", ...THEIRS })).rejects.toThrow("job_id already exists");
    expect(await ours.enqueue("work", {}, { id: "a", rateLimit })).toEqual({ kind: "enqueued", jobId: "a" });
  });

  test("[producer §5.2] the job that took the window may be deferred", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const enqueuedAt = new Date("2025-01-01T12:00:00Z");
    await ours.enqueue("work", {}, { id: "a", enqueuedAt, delaySeconds: 2.5, rateLimit });
    await db.redis.del(keys.rateLimit("k"));
    const time = { enqueue_time: enqueuedAt.toISOString(), defer_by_seconds: 2.5 };
    await upstream(db.url)("enqueue_with_rate_limit", "work", { job_id: "b", ...time, ...THEIRS });
    const due = String(enqueuedAt.getTime() + 2_500);
    expect(await db.redis.zmscore(keys.queue("default"), "a", "b")).toEqual([due, due]);
  });
});
