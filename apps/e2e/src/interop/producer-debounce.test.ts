import { openTestRedis } from "@rrq/private-redis/vitest";
import { createProducer } from "@rrq/producer";
import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import { useUpstreamClient } from "./upstream-client.ts";

const debounce = { key: "k", windowSeconds: 600 };
const THEIRS = { debounce_key: "k", debounce_seconds: 600 };

/** What a later call says, and with it what of the hash changes. */
const LATER = new Date("2030-01-01T12:00:00Z");
const MERGED = {
  function_name: "other",
  job_params: '{"n":2}',
  next_scheduled_run_time: "2030-01-01T12:10:00+00:00",
  max_retries: "7",
  job_timeout_seconds: "8",
  result_ttl_seconds: "9",
};

describe.skipIf(inject("upstream") === null)("[producer §10] two producers, one debounce key:", () => {
  const upstream = useUpstreamClient();

  test("[producer §5.3] theirs puts what it says and a new due time into the job of ours", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await ours.enqueue("work", { n: 1 }, { id: "a", debounce, trace: { traceparent: "first" }, correlation: { c: "1" } });
    const { correlation_context: correlation, ...before } = await db.redis.hgetall(keys.job("a"));
    await db.redis.expire(keys.debounce("k"), 10);
    const said = { params: { n: 2 }, enqueue_time: LATER.toISOString(), max_retries: 7, job_timeout_seconds: 8, result_ttl_seconds: 9 };
    expect(await upstream(db.url)("enqueue_with_debounce", "other", { job_id: "b", ...said, ...THEIRS })).toBe("a");
    // Their clients send no correlation, and then the old one goes.
    expect(correlation).toBe('{"c":"1"}');
    expect(await db.redis.hgetall(keys.job("a"))).toEqual({ ...before, ...MERGED });
    expect(await db.redis.zscore(keys.queue("default"), "a")).toBe(String(LATER.getTime() + 600_000));
    expect(await db.redis.ttl(keys.debounce("k"))).toBeGreaterThan(590);
    expect(await db.redis.exists(keys.job("b"))).toBe(0);
  });

  test("[producer §5.3] ours puts what it says and a new due time into the job of theirs, and the job stays theirs", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await upstream(db.url)("enqueue_with_debounce", "work", { job_id: "b", params: { n: 1 }, trace_context: { traceparent: "first" }, ...THEIRS });
    const before = await db.redis.hgetall(keys.job("b"));
    await db.redis.expire(keys.debounce("k"), 10);
    const said = { enqueuedAt: LATER, maxAttempts: 7, timeoutSeconds: 8, resultTtlSeconds: 9 };
    expect(await ours.enqueue("other", { n: 2 }, { id: "a", debounce, ...said })).toEqual({ kind: "debounced", jobId: "b" });
    // With a mark of ours, by which a repeat of this very call would be known.
    expect(await db.redis.hgetall(keys.job("b"))).toEqual({ ...before, ...MERGED, merge_nonce: expect.any(String) as string });
    expect(await db.redis.zscore(keys.queue("default"), "b")).toBe(String(LATER.getTime() + 600_000));
    expect(await db.redis.ttl(keys.debounce("k"))).toBeGreaterThan(590);
    expect(await db.redis.exists(keys.job("a"))).toBe(0);
  });

  test("[producer §5.3] a new trace takes the place of the old one, whoever brings it", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    await ours.enqueue("work", {}, { id: "a", debounce, trace: { traceparent: "1" } });
    await theirs("enqueue_with_debounce", "work", { trace_context: { traceparent: "2" }, ...THEIRS });
    expect(await db.redis.hget(keys.job("a"), "trace_context")).toBe('{"traceparent":"2"}');
    await ours.enqueue("work", {}, { debounce, trace: { traceparent: "3" } });
    expect(await db.redis.hget(keys.job("a"), "trace_context")).toBe('{"traceparent":"3"}');
  });

  test("[producer §5.3] [trap 18] ours moves the job of theirs to another queue, where theirs leaves it in both", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    const queues = (): Promise<string[]> => db.redis.keys("rrq:queue:*");
    await theirs("enqueue_with_debounce", "work", { job_id: "b", ...THEIRS });
    expect(await ours.enqueue("work", {}, { debounce, queue: "mail" })).toEqual({ kind: "debounced", jobId: "b" });
    expect(await queues()).toEqual([keys.queue("mail")]);
    await theirs("enqueue_with_debounce", "work", { queue_name: "news", ...THEIRS });
    expect((await queues()).toSorted()).toEqual([keys.queue("mail"), keys.queue("news")]);
    expect(await db.redis.hget(keys.job("b"), "queue_name")).toBe(keys.queue("news"));
  });

  test.each(["ACTIVE", "RETRYING", "COMPLETED", "FAILED", "CANCELLED"])(
    "[producer §5.3] a job that is %s is left alone by both: each makes a new one",
    async (status) => {
      await using db = await openTestRedis();
      await using ours = createProducer({ redisUrl: db.url });
      const theirs = upstream(db.url);
      await ours.enqueue("work", { n: 1 }, { id: "a", debounce });
      await db.redis.hset(keys.job("a"), "status", status);
      const left = await db.redis.hgetall(keys.job("a"));
      expect(await theirs("enqueue_with_debounce", "other", { job_id: "b", ...THEIRS })).toBe("b");
      await db.redis.hset(keys.job("b"), "status", status);
      const leftOfTheirs = await db.redis.hgetall(keys.job("b"));
      expect(await ours.enqueue("third", {}, { id: "c", debounce })).toEqual({ kind: "enqueued", jobId: "c" });
      expect(await db.redis.hgetall(keys.job("a"))).toEqual(left);
      expect(await db.redis.hgetall(keys.job("b"))).toEqual(leftOfTheirs);
      expect(await db.redis.get(keys.debounce("k"))).toBe("c");
    },
  );

  test("[producer §5.3] where the job's hash is gone, both make a new one", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    await ours.enqueue("work", {}, { id: "a", debounce });
    await db.redis.del(keys.job("a"));
    expect(await theirs("enqueue_with_debounce", "work", { job_id: "b", ...THEIRS })).toBe("b");
    await db.redis.del(keys.job("b"));
    expect(await ours.enqueue("work", {}, { id: "c", debounce })).toEqual({ kind: "enqueued", jobId: "c" });
  });

  test("[producer §5.3] an id that is taken is an error for theirs, a duplicate for ours, and no window", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    await ours.enqueue("work", {}, { id: "a" });
    await expect(theirs("enqueue_with_debounce", "work", { job_id: "a", ...THEIRS })).rejects.toThrow("job_id already exists");
    expect(await ours.enqueue("work", {}, { id: "a", debounce })).toEqual({ kind: "duplicate", jobId: "a" });
    expect(await db.redis.exists(keys.debounce("k"))).toBe(0);
  });
});
