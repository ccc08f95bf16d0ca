import { openTestRedis } from "@rrq/private-redis/vitest";
import { defineJob, JsonText } from "@rrq/protocol";
import { expect, test } from "vitest";
import { z } from "zod";
import { createProducer } from "./create-producer.ts";

const count = defineJob("count", { result: z.object({ n: z.number() }) });

const HASH = {
  id: "a",
  function_name: "count",
  job_params: '{"n":1.0}',
  enqueue_time: "2025-01-01T12:00:00.123456789+00:00",
  status: "PENDING",
  current_retries: "1",
  next_scheduled_run_time: "2025-01-01T12:00:05Z",
  max_retries: "5",
  job_timeout_seconds: "300",
  result_ttl_seconds: "86400",
  queue_name: "mail",
  result: "null",
};

test("[producer §6] the whole of a job", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await db.redis.hset("rrq:job:a", {
    ...HASH,
    status: "COMPLETED",
    result: '{"n":2}',
    start_time: "2025-01-01T12:00:06Z",
    completion_time: "2025-01-01T12:00:07Z",
    worker_id: "w",
    last_error: "first try",
    trace_context: '{"traceparent":"00-x"}',
    correlation_context: '{"tenant":"t"}',
  });
  expect(await producer.getJob("a", { as: count })).toEqual({
    id: "a",
    params: new JsonText('{"n":1.0}'),
    functionName: "count",
    queue: "rrq:queue:mail",
    status: "COMPLETED",
    result: { n: 2 },
    error: "first try",
    errors: [],
    attempts: 2,
    maxAttempts: 5,
    timeoutSeconds: 300,
    enqueuedAt: new Date("2025-01-01T12:00:00.123Z"),
    runAt: new Date("2025-01-01T12:00:05Z"),
    startedAt: new Date("2025-01-01T12:00:06Z"),
    finishedAt: new Date("2025-01-01T12:00:07Z"),
    workerId: "w",
    cancelRequested: false,
    trace: { traceparent: "00-x" },
    correlation: { tenant: "t" },
  });
});

test.each<[string, Record<string, string>, object]>([
  ["PENDING", {}, { status: "PENDING", attempts: 1, result: null, finishedAt: null }],
  ["RETRYING", { status: "RETRYING", last_error: "boom" }, { status: "RETRYING", attempts: 1, error: "boom" }],
  ["ACTIVE: the running attempt counts", { status: "ACTIVE" }, { status: "ACTIVE", attempts: 2 }],
  ["FAILED", { status: "FAILED", current_retries: "5" }, { status: "FAILED", attempts: 5, result: null }],
  ["CANCELLED is a state", { status: "CANCELLED" }, { status: "CANCELLED" }],
  ["a status that nobody knows", { status: "LOST" }, { status: "UNKNOWN" }],
  ["a requeued job is not finished", { completion_time: "2025-01-01T12:00:07Z" }, { status: "PENDING", finishedAt: null }],
  ["completed by us, hidden by a late command of upstream's", { closed: "1", result: '{"n":1}' }, { status: "COMPLETED", result: { n: 1 } }],
  ["asked to cancel", { status: "ACTIVE", cancel: "1" }, { status: "ACTIVE", cancelRequested: true }],
])("[producer §6] [trap 47] %s", async (_title, fields, expected) => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await db.redis.hset("rrq:job:a", { ...HASH, ...fields });
  expect(await producer.getJob("a")).toMatchObject(expected);
});

test.each<[string, string, unknown]>([
  ["a value", '[1,"x"]', [1, "x"]],
  ["null", "null", null],
  ["nothing", "", null],
  ["no JSON", "{", null],
])("[producer §6] a result that is %s", async (_title, result, expected) => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await db.redis.hset("rrq:job:a", { status: "COMPLETED", result });
  expect((await producer.getJob("a"))?.result).toEqual(expected);
});

test("[producer §6] a hash of a status alone is a job; no hash is none", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await db.redis.hset("rrq:job:a", { status: "PENDING" });
  expect(await producer.getJob("a")).toMatchObject({ id: "a", status: "PENDING", functionName: "", queue: null, enqueuedAt: null });
  expect(await producer.getJob("nobody")).toBe(null);
});

test("[design §4] a result that does not fit its contract: SCHEMA_MISMATCH; a key of another type: WRONG_TYPE; no id: INVALID_ARGUMENT", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await db.redis.hset("rrq:job:a", { status: "COMPLETED", result: '{"n":"two"}' });
  await db.redis.set("rrq:job:b", "text");
  await expect(producer.getJob("a", { as: count })).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
  await expect(producer.waitForJob("a", { as: count })).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
  await expect(producer.getJob("b")).rejects.toMatchObject({ code: "WRONG_TYPE" });
  await expect(producer.getJob("")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
