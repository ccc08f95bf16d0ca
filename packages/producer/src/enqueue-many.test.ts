import { startPrivateRedis } from "@rrq/private-redis";
import { openTestRedis } from "@rrq/private-redis/vitest";
import { RrqError } from "@rrq/protocol";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { createProducer } from "./create-producer.ts";

/** Script calls that a server of our own has answered. */
async function scriptCalls(url: string): Promise<number> {
  const redis = new Redis(url);
  try {
    const stats = await redis.info("commandstats");
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0) + Number(/cmdstat_eval:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  } finally {
    redis.disconnect();
  }
}

test("[design §5] about 50 jobs in each call, the results in order", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url });
  const items = Array.from({ length: 1_000 }, (_, index) => ({ job: "work", params: { index }, options: { id: `job-${index}` } }));
  expect(await producer.enqueueMany(items)).toEqual(items.map(({ options }) => ({ kind: "enqueued", jobId: options.id })));
  const calls = await scriptCalls(server.url);
  expect(calls).toBeGreaterThanOrEqual(20);
  expect(calls).toBeLessThan(35);
});

test("[design §5] single calls of one turn travel together", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url });
  await producer.enqueue("work");
  const before = await scriptCalls(server.url);
  await Promise.all(Array.from({ length: 100 }, () => producer.enqueue("work")));
  expect((await scriptCalls(server.url)) - before).toBe(2);
});

test("[design §4] one bad job does not spoil the rest", async () => {
  await using db = await openTestRedis();
  await db.redis.lpush("rrq:job:wrong", "x");
  await db.redis.lpush("rrq:queue:wrong", "x");
  await using producer = createProducer({ redisUrl: db.url });
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const rateLimit = { key: "k", windowSeconds: 60 };
  const results = await producer.enqueueMany([
    { job: "work", options: { id: "a" } },
    { job: "work", options: { id: "wrong" } },
    { job: "work", options: { id: "b", maxAttempts: 0 } },
    { job: "work", params: cycle },
    { job: "work", options: { id: "a" } },
    { job: "other", options: { id: "a" } },
    { job: "work", options: { queue: "wrong", id: "c" } },
    { job: "work", options: { rateLimit } },
    { job: "work", options: { rateLimit } },
    undefined as unknown as { job: string },
    { job: "work", options: { id: "z" } },
  ]);
  const failed = (code: string, jobId: string | null) => ({ kind: "failed", jobId, error: expect.objectContaining({ code }) as unknown });
  expect(results).toEqual([
    { kind: "enqueued", jobId: "a" },
    failed("WRONG_TYPE", "wrong"),
    failed("INVALID_ARGUMENT", "b"),
    failed("NOT_JSON", null),
    { kind: "duplicate", jobId: "a" },
    failed("JOB_ID_TAKEN", "a"),
    failed("WRONG_TYPE", "c"),
    { kind: "enqueued", jobId: expect.any(String) as unknown },
    { kind: "rate-limited" },
    failed("INVALID_ARGUMENT", null),
    { kind: "enqueued", jobId: "z" },
  ]);
});

test("[design §6] jobs for many queues, with keys of every kind, in one go", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  const kinds = [{}, { unique: { key: "u" } }, { idempotency: { key: "i" } }, { debounce: { key: "d", windowSeconds: 60 } }];
  const items = Array.from({ length: 800 }, (_, index) => ({
    job: "work",
    options: { queue: `q${index % 40}`, ...kinds[Math.floor(index / 200)] },
  }));
  const results = await producer.enqueueMany(items);
  const count = (from: number, kind: string): number => results.slice(from, from + 200).filter((result) => result.kind === kind).length;
  expect([count(0, "enqueued"), count(200, "enqueued"), count(200, "duplicate")]).toEqual([200, 1, 199]);
  expect([count(400, "enqueued"), count(400, "duplicate"), count(600, "enqueued"), count(600, "debounced")]).toEqual([1, 199, 1, 199]);
  const sizes = await Promise.all(Array.from({ length: 40 }, (_, index) => db.redis.zcard(`rrq:queue:q${index}`)));
  expect(sizes.reduce((sum, size) => sum + size)).toBe(203);
});

test("[trap 34] large params share a call only up to a megabyte", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url });
  const items = Array.from({ length: 12 }, () => ({ job: "work", params: { text: "x".repeat(400_000) } }));
  const results = await producer.enqueueMany(items);
  expect(results.every(({ kind }) => kind === "enqueued")).toBe(true);
  expect(await scriptCalls(server.url)).toBeGreaterThanOrEqual(6);
});

test("[design §4] none is none", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  expect(await producer.enqueueMany([])).toEqual([]);
});

test("[producer §2] Redis away: every job fails with that, and all of them in the time of one call", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url, giveUpAfterSeconds: 0.3 });
  await producer.connect();
  await server.kill();
  const start = performance.now();
  const results = await producer.enqueueMany(Array.from({ length: 2_000 }, () => ({ job: "work" })));
  expect(results.every((result) => result.kind === "failed" && RrqError.is(result.error, "REDIS_UNAVAILABLE"))).toBe(true);
  expect(performance.now() - start).toBeLessThan(2_500);
});

test("[design §4] after the signal nothing more is sent, and the results say what was", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  const controller = new AbortController();
  const items = Array.from({ length: 2_000 }, (_, index) => ({
    job: "work",
    params: {
      get index() {
        if (index === 1_000) controller.abort();
        return index;
      },
    },
  }));
  const results = await producer.enqueueMany(items, { signal: controller.signal });
  const enqueued = results.filter(({ kind }) => kind === "enqueued").length;
  expect(enqueued).toBe(1_001);
  expect(await db.redis.zcard("rrq:queue:default")).toBe(enqueued);
  expect(results[1_500]).toMatchObject({ kind: "failed", error: { code: "ABORTED" } });
});
