import { openTestRedis } from "@rrq/private-redis/vitest";
import { formatTimestamp } from "@rrq/protocol/redis";
import { expect, test } from "vitest";
import { insert } from "./testing/insert.ts";

const debounce = { key: "k", windowSeconds: 60 };

test("[producer §5.3] [redis §4.10] the first call makes a job that runs after the window", async () => {
  await using db = await openTestRedis();
  expect(await insert(db.redis, { id: "a", debounce }, { now: 1_000 })).toEqual({ kind: "enqueued" });
  expect(await db.redis.get("rrq:debounce:k")).toBe("a");
  expect(await db.redis.ttl("rrq:debounce:k")).toBe(60);
  expect(await db.redis.zscore("rrq:queue:default", "a")).toBe("61000");
});

test("[producer §5.3] the next call replaces what the waiting job does and when; the rest of it stays", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", debounce, correlation: { c: "old" } }, { now: 1_000, trace: { t: "old" } });
  await db.redis.expire("rrq:debounce:k", 5);
  const before = await db.redis.hgetall("rrq:job:a");
  const reply = await insert(
    db.redis,
    { id: "b", debounce, maxAttempts: 2, timeoutSeconds: 7, resultTtlSeconds: 9 },
    { now: 2_000, functionName: "other", params: '{"n":2}', nonce: "n2" },
  );
  expect(reply).toEqual({ kind: "debounced", into: "a" });
  const { correlation_context: _removed, ...kept } = before;
  expect(await db.redis.hgetall("rrq:job:a")).toEqual({
    ...kept,
    function_name: "other",
    job_params: '{"n":2}',
    next_scheduled_run_time: formatTimestamp(62_000),
    max_retries: "2",
    job_timeout_seconds: "7",
    result_ttl_seconds: "9",
    merge_nonce: "n2",
  });
  expect(await db.redis.zrange("rrq:queue:default", "0", "-1", "WITHSCORES")).toEqual(["a", "62000"]);
  expect(await db.redis.ttl("rrq:debounce:k")).toBe(60);
  expect(await db.redis.exists("rrq:job:b")).toBe(0);
});

test("[producer §5.3] new contexts replace the old ones", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", debounce, correlation: { c: "old" } }, { trace: { t: "old" } });
  await insert(db.redis, { debounce, correlation: { c: "new" } }, { trace: { t: "new" } });
  expect(await db.redis.hmget("rrq:job:a", "trace_context", "correlation_context")).toEqual(['{"t":"new"}', '{"c":"new"}']);
});

test("[trap 18] another queue: told where the job is, and nothing changes", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", debounce, queue: "one" }, { now: 1_000 });
  expect(await insert(db.redis, { debounce, queue: "two" })).toEqual({ kind: "elsewhere", queue: "rrq:queue:one" });
  expect(await db.redis.hget("rrq:job:a", "queue_name")).toBe("rrq:queue:one");
});

test("[redis §8] a bare queue name, as upstream up to 0.9.16 stored it, is the same queue", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", debounce });
  await db.redis.hset("rrq:job:a", "queue_name", "default");
  expect(await insert(db.redis, { debounce })).toEqual({ kind: "debounced", into: "a" });
  await db.redis.hdel("rrq:job:a", "queue_name");
  expect(await insert(db.redis, { debounce })).toEqual({ kind: "debounced", into: "a" });
});

test.each([
  ["ACTIVE", { status: "ACTIVE" }],
  ["RETRYING: it keeps what it was told", { status: "RETRYING" }],
  ["COMPLETED", { status: "COMPLETED" }],
  ["completed by us, and a late command of upstream's hides that", { closed: "1" }],
  ["to be cancelled", { cancel: "1" }],
])("[producer §5.3] [trap 18] a job that is %s is left alone; the call makes its own", async (_title, fields) => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", debounce });
  await db.redis.hset("rrq:job:a", fields);
  const before = await db.redis.hgetall("rrq:job:a");
  expect(await insert(db.redis, { id: "b", debounce })).toEqual({ kind: "enqueued" });
  expect(await db.redis.hgetall("rrq:job:a")).toEqual(before);
  expect(await db.redis.get("rrq:debounce:k")).toBe("b");
});

test("[producer §5.3] so does one whose job is gone, or is no hash", async () => {
  await using db = await openTestRedis();
  await db.redis.set("rrq:debounce:k", "gone");
  expect(await insert(db.redis, { id: "b", debounce })).toEqual({ kind: "enqueued" });
  await db.redis.set("rrq:job:b", "text");
  expect(await insert(db.redis, { id: "c", debounce })).toEqual({ kind: "enqueued" });
});

test("[producer §5.3] an id that is taken makes nothing", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a" });
  expect(await insert(db.redis, { id: "a", debounce })).toEqual({ kind: "same-id" });
  expect(await db.redis.exists("rrq:debounce:k")).toBe(0);
});

test("[design §8] the second execution of one call answers as the first, also when the job has started meanwhile", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", debounce }, { nonce: "n1" });
  expect(await insert(db.redis, { id: "a", debounce }, { nonce: "n1" })).toEqual({ kind: "enqueued" });
  await insert(db.redis, { id: "b", debounce }, { nonce: "n2" });
  await db.redis.hset("rrq:job:a", "status", "ACTIVE");
  expect(await insert(db.redis, { id: "b", debounce }, { nonce: "n2" })).toEqual({ kind: "debounced", into: "a" });
  expect(await db.redis.exists("rrq:job:b")).toBe(0);
});

test("[design §3] upstream's job stays upstream's: it gets no mark of ours", async () => {
  await using db = await openTestRedis();
  await insert(db.redis, { id: "a", debounce });
  await db.redis.hdel("rrq:job:a", "nonce");
  await insert(db.redis, { debounce });
  expect(await db.redis.hget("rrq:job:a", "nonce")).toBe(null);
});
