import { fileURLToPath } from "node:url";
import { openTestRedis } from "@rrq/private-redis/vitest";
import { createProducer } from "@rrq/producer";
import { describe, expect, inject, test } from "vitest";
import { runProgram } from "../program.ts";

const upstream = inject("upstream");
const CALLS = fileURLToPath(new URL("../upstream/python/calls.py", import.meta.url));

type Call = readonly [method: string, ...arguments: unknown[]];

/** What upstream's Python client answered to each call, in one process. */
async function theirs(url: string, ...calls: readonly Call[]): Promise<unknown[]> {
  if (upstream === null) throw new Error("without upstream these tests are left out");
  const stdout = await runProgram([upstream.python, CALLS, url], { input: JSON.stringify(calls) });
  return JSON.parse(stdout) as unknown[];
}

const idempotency = { key: "k", ttlSeconds: 600 };
const rateLimit = { key: "k", windowSeconds: 600 };
const debounce = { key: "k", windowSeconds: 600 };

describe.skipIf(upstream === null)("[producer §10] two producers, one key:", () => {
  test("[producer §5.1] an id that one took is taken for the other", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await ours.enqueue("work", {}, { id: "a" });
    expect(await theirs(db.url, ["enqueue", "work", { job_id: "a" }], ["enqueue", "work", { job_id: "b" }])).toEqual([
      { error: expect.stringContaining("job_id already exists") as unknown },
      "b",
    ]);
    expect(await ours.enqueue("work", {}, { id: "b" })).toEqual({ kind: "duplicate", jobId: "b" });
  });

  test("[producer §5.1] idempotency, ours first", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await ours.enqueue("work", {}, { id: "a", idempotency });
    expect(await theirs(db.url, ["enqueue_with_unique_key", "work", "k", {}])).toEqual(["a"]);
  });

  test("[producer §5.1] idempotency, theirs first", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const [jobId] = await theirs(db.url, ["enqueue_with_unique_key", "work", "k", { job_id: "b", unique_ttl_seconds: 600 }]);
    expect(await ours.enqueue("work", {}, { idempotency })).toEqual({ kind: "duplicate", jobId });
    await db.redis.del("rrq:job:b");
    expect(await ours.enqueue("work", {}, { id: "c", idempotency })).toEqual({ kind: "enqueued", jobId: "c" });
    expect(await theirs(db.url, ["enqueue_with_unique_key", "work", "k", {}])).toEqual(["c"]);
  });

  test("[producer §5.2] rate limit, ours first", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await ours.enqueue("work", {}, { rateLimit });
    const limited: Call = ["enqueue_with_rate_limit", "work", { rate_limit_key: "k", rate_limit_seconds: 600 }];
    expect(await theirs(db.url, limited)).toEqual([null]);
  });

  test("[producer §5.2] rate limit, theirs first", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await theirs(db.url, ["enqueue_with_rate_limit", "work", { rate_limit_key: "k", rate_limit_seconds: 600 }]);
    expect(await ours.enqueue("work", {}, { rateLimit })).toEqual({ kind: "rate-limited" });
  });

  test("[producer §5.3] debounce, ours first: theirs replaces what ours said", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await ours.enqueue("work", { n: 1 }, { id: "a", debounce, correlation: { c: "1" } });
    const debounced: Call = ["enqueue_with_debounce", "other", { params: { n: 2 }, debounce_key: "k", debounce_seconds: 600 }];
    expect(await theirs(db.url, debounced)).toEqual(["a"]);
    expect(await db.redis.hmget("rrq:job:a", "function_name", "job_params", "correlation_context")).toEqual(["other", '{"n":2}', null]);
  });

  test("[producer §5.3] debounce, theirs first: ours replaces what theirs said, and the job stays theirs", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await theirs(db.url, ["enqueue_with_debounce", "work", { job_id: "b", debounce_key: "k", debounce_seconds: 600 }]);
    expect(await ours.enqueue("other", { n: 2 }, { debounce, queue: "mail" })).toEqual({ kind: "debounced", jobId: "b" });
    expect(await db.redis.hmget("rrq:job:b", "function_name", "job_params", "queue_name", "nonce")).toEqual([
      "other",
      '{"n":2}',
      "rrq:queue:mail",
      null,
    ]);
    expect(await db.redis.exists("rrq:queue:default")).toBe(0);
    expect(await theirs(db.url, ["enqueue_with_debounce", "third", { debounce_key: "k", debounce_seconds: 600, queue_name: "mail" }])).toEqual(["b"]);
  });

  test("[producer §3] the same call leaves the same hash, but for our nonce and finer times", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url, correlationMappings: {} });
    const enqueuedAt = new Date("2025-01-01T12:00:00.123Z");
    const options = { queue: "mail", maxAttempts: 2, timeoutSeconds: 7, resultTtlSeconds: 9, delaySeconds: 1.5, enqueuedAt, trace: { traceparent: "x" } };
    const params = { text: 'é"\u0001', list: [1, -2.5, null, true], nested: { a: {} } };
    await ours.enqueue("runner#work", params, { id: "a", ...options });
    await theirs(db.url, [
      "enqueue",
      "runner#work",
      {
        job_id: "b",
        params,
        queue_name: "mail",
        max_retries: 2,
        job_timeout_seconds: 7,
        result_ttl_seconds: 9,
        defer_by_seconds: 1.5,
        enqueue_time: enqueuedAt.toISOString(),
        trace_context: { traceparent: "x" },
      },
    ]);
    const { nonce, id: _a, job_params: ourParams, ...oursOf } = await db.redis.hgetall("rrq:job:a");
    const { id: _b, job_params: theirParams, ...theirsOf } = await db.redis.hgetall("rrq:job:b");
    expect(nonce).toBeDefined();
    expect(oursOf).toEqual(theirsOf);
    expect(JSON.parse(ourParams ?? "")).toEqual(JSON.parse(theirParams ?? ""));
    expect(await db.redis.zscore("rrq:queue:mail", "a")).toBe(await db.redis.zscore("rrq:queue:mail", "b"));
  });

  test("[producer §6] [producer §7] ours reads and cancels the jobs of theirs", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await ours.enqueue("work", {}, { id: "a" });
    await theirs(db.url, ["enqueue", "work", { job_id: "b" }]);
    expect(await ours.getJob("b")).toMatchObject({ status: "PENDING", attempts: 0 });
    expect(await ours.cancel("b")).toEqual({ kind: "cancelled" });
    expect(await ours.waitForJob("b")).toMatchObject({ kind: "finished", job: { status: "CANCELLED" } });
  });
});
