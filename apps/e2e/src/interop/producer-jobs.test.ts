import { openTestRedis } from "@rrq/private-redis/vitest";
import { createProducer } from "@rrq/producer";
import { JsonText } from "@rrq/protocol";
import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import { useUpstreamClient } from "./upstream-client.ts";

describe.skipIf(inject("upstream") === null)("[producer §10] two producers, one Redis:", () => {
  const upstream = useUpstreamClient();

  test("[producer §3] the same call leaves the same hash and score, but for our nonce", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url, correlationMappings: {} });
    const enqueuedAt = new Date("2025-01-01T12:00:00.123Z");
    const options = { queue: "mail", maxAttempts: 2, timeoutSeconds: 7, resultTtlSeconds: 9, delaySeconds: 1.5, enqueuedAt, trace: { traceparent: "x" } };
    const params = { text: 'é"\u0001', list: [1, -2.5, null, true], nested: { a: {} } };
    await ours.enqueue("runner#work", params, { id: "a", ...options });
    await upstream(db.url)("enqueue", "runner#work", {
      job_id: "b",
      params,
      queue_name: "mail",
      max_retries: 2,
      job_timeout_seconds: 7,
      result_ttl_seconds: 9,
      defer_by_seconds: 1.5,
      enqueue_time: enqueuedAt.toISOString(),
      trace_context: { traceparent: "x" },
    });
    const { nonce, id: _a, job_params: ourParams, ...oursOf } = await db.redis.hgetall(keys.job("a"));
    const { id: _b, job_params: theirParams, ...theirsOf } = await db.redis.hgetall(keys.job("b"));
    expect(nonce).toBeDefined();
    expect(oursOf).toEqual(theirsOf);
    expect(JSON.parse(ourParams ?? "")).toEqual(JSON.parse(theirParams ?? ""));
    const due = String(enqueuedAt.getTime() + 1_500);
    expect(await db.redis.zmscore(keys.queue("mail"), "a", "b")).toEqual([due, due]);
  });

  test("[producer §2] the same defaults go into a job that says nothing", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await ours.enqueue("work", {}, { id: "a" });
    await upstream(db.url)("enqueue", "work", { job_id: "b" });
    const fields = ["job_params", "status", "current_retries", "max_retries", "job_timeout_seconds", "result_ttl_seconds", "queue_name", "result"] as const;
    expect(await db.redis.hmget(keys.job("a"), ...fields)).toEqual(await db.redis.hmget(keys.job("b"), ...fields));
    expect(await Promise.all(["a", "b"].map((id) => db.redis.ttl(keys.job(id))))).toEqual([-1, -1]);
  });

  test("[producer §4.3] the same mappings find the same correlation", async () => {
    await using db = await openTestRedis();
    const mappings = { tenant: "params.tenant.id", n: "n", float: "params.float", yes: "yes", none: "params.list", from_trace: "params.x", "  padded ": " n " };
    await using ours = createProducer({ redisUrl: db.url, correlationMappings: mappings });
    const params = { tenant: { id: "t-1" }, n: 88, float: 0.25, yes: true, list: [1], long: "x" };
    const trace = { from_trace: "trace" };
    await ours.enqueue("work", params, { id: "a", trace });
    const theirs = upstream({ config: { redis_dsn: db.url, correlation_mappings: mappings } });
    await theirs("enqueue", "work", { job_id: "b", params, trace_context: trace });
    const [a, b] = await Promise.all(["a", "b"].map(async (id) => JSON.parse((await db.redis.hget(keys.job(id), "correlation_context")) ?? "null") as unknown));
    expect(a).toEqual({ tenant: "t-1", n: "88", float: "0.25", yes: "true", from_trace: "trace", padded: "88" });
    expect(b).toEqual(a);
  });

  test("[producer §5.1] a deferred job is due at the same instant, given as a time or as a delay", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    const [enqueuedAt, runAt] = [new Date("2031-01-01T00:00:00Z"), new Date("2031-01-01T01:00:00.001Z")];
    const enqueue_time = enqueuedAt.toISOString();
    await ours.enqueue("work", {}, { id: "a", enqueuedAt, runAt });
    await theirs("enqueue_deferred", "work", { job_id: "b", enqueue_time, defer_until: runAt.toISOString() });
    await ours.enqueue("work", {}, { id: "c", enqueuedAt, delaySeconds: 3_600.0001 });
    await theirs("enqueue_deferred", "work", { job_id: "d", enqueue_time, defer_by_seconds: 3_600.0001 });
    const due = String(runAt.getTime());
    expect(await db.redis.zmscore(keys.queue("default"), "a", "b", "c", "d")).toEqual([due, due, due, due]);
    const times = await Promise.all(["a", "b", "c", "d"].map((id) => db.redis.hget(keys.job(id), "next_scheduled_run_time")));
    expect(new Set(times)).toEqual(new Set(["2031-01-01T01:00:00.001+00:00"]));
  });

  test("[producer §6] theirs reads a job of ours in each of its states; CANCELLED is unknown to it", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const theirs = upstream(db.url);
    const { jobId } = await ours.enqueue("work");
    expect(await theirs("get_job_status", jobId)).toEqual({ status: "PENDING", result: null, last_error: null });
    const ended = { result: '{"text":"é😀","n":1.5}', last_error: "once" };
    for (const status of ["ACTIVE", "RETRYING", "COMPLETED", "FAILED"]) {
      await db.redis.hset(keys.job(jobId), { ...ended, status });
      expect(await theirs("get_job_status", jobId)).toEqual({ status, result: { text: "é😀", n: 1.5 }, last_error: "once" });
    }
    await db.redis.hset(keys.job(jobId), "status", "PENDING");
    expect(await ours.cancel(jobId)).toEqual({ kind: "cancelled" });
    expect(await theirs("get_job_status", jobId)).toMatchObject({ status: "UNKNOWN" });
    expect(await theirs("get_job_status", "nobody")).toBeNull();
  });

  test("[producer §6] ours reads a job of theirs with all that it says", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    const options = { max_retries: 3, job_timeout_seconds: 4, queue_name: "mail", trace_context: { traceparent: "x" }, params: { big: 2 ** 53 } };
    await upstream(db.url)("enqueue", "runner#work", { job_id: "b", enqueue_time: "2025-01-01T12:00:00.123456+02:00", ...options });
    expect(await ours.getJob("b")).toMatchObject({
      id: "b",
      functionName: "runner#work",
      status: "PENDING",
      queue: keys.queue("mail"),
      attempts: 0,
      maxAttempts: 3,
      timeoutSeconds: 4,
      enqueuedAt: new Date("2025-01-01T10:00:00.123Z"),
      trace: { traceparent: "x" },
      params: new JsonText('{"big":9007199254740992}'),
      result: null,
      error: null,
    });
  });

  test("[producer §7] ours cancels a waiting job of theirs, and its wait ends", async () => {
    await using db = await openTestRedis();
    await using ours = createProducer({ redisUrl: db.url });
    await upstream(db.url)("enqueue", "work", { job_id: "b", defer_by_seconds: 600 });
    const end = ours.waitForJob("b");
    expect(await ours.cancel("b")).toEqual({ kind: "cancelled" });
    expect(await end).toMatchObject({ kind: "finished", job: { status: "CANCELLED" } });
    expect(await db.redis.exists(keys.queue("default"))).toBe(0);
  });
});
