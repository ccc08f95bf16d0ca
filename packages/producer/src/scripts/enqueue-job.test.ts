import { openTestRedis } from "@rrq/private-redis/vitest";
import { RrqError } from "@rrq/protocol";
import { expect, test } from "vitest";
import { buildJob } from "../new-job.ts";
import { insert } from "./testing/insert.ts";

test("[producer §3] [producer §5.1] [redis §3.1] the hash and the queue entry, field by field", async () => {
  await using db = await openTestRedis();
  const reply = await insert(db.redis, { id: "a", delaySeconds: 1.5 }, { params: '{"n":1.0}', nonce: "n1", now: 1_735_732_800_123 });
  expect(reply).toEqual({ kind: "enqueued" });
  expect(await db.redis.hgetall("rrq:job:a")).toEqual({
    id: "a",
    function_name: "work",
    job_params: '{"n":1.0}',
    enqueue_time: "2025-01-01T12:00:00.123+00:00",
    status: "PENDING",
    current_retries: "0",
    next_scheduled_run_time: "2025-01-01T12:00:01.623+00:00",
    max_retries: "5",
    job_timeout_seconds: "300",
    result_ttl_seconds: "86400",
    queue_name: "rrq:queue:default",
    result: "null",
    nonce: "n1",
  });
  expect(await db.redis.zrange("rrq:queue:default", "0", "-1", "WITHSCORES")).toEqual(["a", "1735732801623"]);
  expect(await db.redis.ttl("rrq:job:a")).toBe(-1);
  expect((await db.redis.keys("*")).sort()).toEqual(["rrq:job:a", "rrq:queue:default"]);
});

test("[producer §3] contexts are fields only if there are any", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", correlation: { tenant: "t" } }, { trace: { traceparent: "00-1" } });
  expect(await db.redis.hmget("rrq:job:a", "trace_context", "correlation_context")).toEqual(['{"traceparent":"00-1"}', '{"tenant":"t"}']);
});

test("[trap 46] [producer §5.1] an id that is taken: same function, duplicate; other function, other job; nothing changes", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a" }, { params: '{"n":1}' });
  expect(await insert(db.redis, { id: "a" }, { params: '{"n":2}' })).toEqual({ kind: "same-id" });
  expect(await insert(db.redis, { id: "a", queue: "other" }, { functionName: "else" })).toEqual({ kind: "other-job" });
  expect(await db.redis.hget("rrq:job:a", "job_params")).toBe('{"n":1}');
  expect(await db.redis.exists("rrq:queue:other")).toBe(0);
});

test("[design §8] the second execution of one call answers as the first, whatever became of the job", async () => {
  await using db = await openTestRedis();
  expect(await insert(db.redis, { id: "a" }, { nonce: "n" })).toEqual({ kind: "enqueued" });
  await db.redis.zrem("rrq:queue:default", "a");
  await db.redis.hset("rrq:job:a", "status", "COMPLETED");
  expect(await insert(db.redis, { id: "a" }, { nonce: "n" })).toEqual({ kind: "enqueued" });
  expect(await db.redis.exists("rrq:queue:default")).toBe(0);
});

test("[trap 29] one message wakes the orchestrators for all jobs of a call: the soonest of them", async () => {
  await using db = await openTestRedis();
  const listener = db.redis.duplicate();
  try {
    await listener.subscribe("rrq:ts:wake:mail");
    const heard: string[] = [];
    const first = new Promise<void>((resolve) =>
      listener.on("message", (_channel, message) => {
        heard.push(message);
        resolve();
      }),
    );
    const jobs = [9_000, 3_000, 10_000].map((runAt) => build("mail", runAt));
    const [job] = jobs;
    if (job === undefined) throw new Error("no job");
    await job.insertion.run(db.redis, job.shared, jobs.map(({ values }) => values));
    await insert(db.redis, { id: "taken", queue: "mail", runAt: 1 });
    await insert(db.redis, { id: "taken", queue: "mail", runAt: 1 }); // makes no job, so it wakes nobody
    await insert(db.redis, { queue: "mail", runAt: 2 });
    await first;
    await listener.ping();
    expect(heard).toEqual(["3000", "1", "2"]);
  } finally {
    listener.disconnect();
  }
});

function build(queue: string, runAt: number) {
  return buildJob({
    functionName: "work",
    params: "{}",
    options: { queue, runAt },
    defaults: { queue: "default", maxAttempts: 5, timeoutSeconds: 300, resultTtlSeconds: 1, idempotencyTtlSeconds: 1 },
    correlationMappings: {},
    trace: null,
    now: 0,
    nonce: `${runAt}`,
  });
}

test.each([
  ["the queue", "rrq:queue:default", {}],
  ["the job", "rrq:job:a", {}],
  ["an idempotency key", "rrq:idempotency:k", { idempotency: { key: "k" } }],
  ["the queue of a job with an idempotency key", "rrq:queue:default", { idempotency: { key: "k" } }],
  ["a unique key", "rrq:ts:unique:k", { unique: { key: "k" } }],
  ["the queue of a job with a unique key", "rrq:queue:default", { unique: { key: "k" } }],
  ["a rate-limit key", "rrq:rate_limit:k", { rateLimit: { key: "k", windowSeconds: 1 } }],
  ["the queue of a rate-limited job", "rrq:queue:default", { rateLimit: { key: "k", windowSeconds: 1 } }],
  ["a debounce key", "rrq:debounce:k", { debounce: { key: "k", windowSeconds: 1 } }],
  ["the queue of a debounced job", "rrq:queue:default", { debounce: { key: "k", windowSeconds: 1 } }],
])("[design §8] %s of another type: WRONG_TYPE with its name, and nothing changed", async (_title, key, options) => {
  await using db = await openTestRedis();
  await db.redis.lpush(key, "x");
  const error: unknown = await insert(db.redis, { id: "a", ...options }).catch((caught: unknown) => caught);
  expect(RrqError.is(error, "WRONG_TYPE")).toBe(true);
  expect(String(error)).toContain(key);
  expect(await db.redis.keys("*")).toEqual([key]);
});
