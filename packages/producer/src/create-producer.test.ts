import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { startPrivateRedis } from "@rrq/private-redis";
import { openTestRedis } from "@rrq/private-redis/vitest";
import { defineJob, JsonText, RrqError } from "@rrq/protocol";
import { defaultSettings } from "@rrq/protocol/config";
import { Redis as Redis6 } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { createProducer } from "./create-producer.ts";

const sendEmail = defineJob("send_email", {
  params: z.object({ to: z.string(), count: z.number().default(1) }),
  queue: "mail",
  maxAttempts: 3,
  timeoutSeconds: 20,
});

async function refusal(call: Promise<unknown>): Promise<RrqError> {
  const error: unknown = await call.then(
    (value) => new Error(`it answered ${inspect(value)}`),
    (caught: unknown) => caught,
  );
  if (!RrqError.is(error)) throw error;
  return error;
}

describe("enqueue", () => {
  test("[producer §5.1] [trap 45] the answer says what became of the call", async () => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    const first = await producer.enqueue("work", { n: 1 }, { idempotency: { key: "k" } });
    expect(first).toEqual({ kind: "enqueued", jobId: expect.any(String) as unknown });
    const { jobId } = first;
    expect(await producer.enqueue("work", { n: 2 }, { idempotency: { key: "k" } })).toEqual({ kind: "duplicate", jobId });
    const rateLimit = { key: "k", windowSeconds: 60 };
    expect((await producer.enqueue("work", {}, { rateLimit })).kind).toBe("enqueued");
    expect(await producer.enqueue("work", {}, { rateLimit })).toEqual({ kind: "rate-limited" });
  });

  test("[trap 46] the same id again is a duplicate; of another function, JOB_ID_TAKEN", async () => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    expect(await producer.enqueue("work", {}, { id: "a" })).toEqual({ kind: "enqueued", jobId: "a" });
    expect(await producer.enqueue("work", {}, { id: "a" })).toEqual({ kind: "duplicate", jobId: "a" });
    expect((await refusal(producer.enqueue("other", {}, { id: "a" }))).code).toBe("JOB_ID_TAKEN");
  });

  test("[trap 18] [producer §5.3] a debounce moves the waiting job to the queue of the last call", async () => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    const debounce = { key: "k", windowSeconds: 60 };
    const { jobId } = await producer.enqueue("work", { n: 1 }, { debounce, queue: "one" });
    expect(await producer.enqueue("work", { n: 2 }, { debounce, queue: "two" })).toEqual({ kind: "debounced", jobId });
    expect(await db.redis.exists("rrq:queue:one")).toBe(0);
    expect(await db.redis.zrange("rrq:queue:two", "0", "-1")).toEqual([jobId]);
    expect(await db.redis.hmget(`rrq:job:${jobId}`, "job_params", "queue_name")).toEqual(['{"n":2}', "rrq:queue:two"]);
  });

  test("[design §4] a contract gives queue, attempts and timeout; the call wins; the params travel as they went in", async () => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    await producer.enqueue(sendEmail, { to: "a@example.com" }, { id: "a", timeoutSeconds: 9 });
    expect(await db.redis.hmget("rrq:job:a", "function_name", "job_params", "queue_name", "max_retries", "job_timeout_seconds")).toEqual([
      "send_email",
      '{"to":"a@example.com"}',
      "rrq:queue:mail",
      "3",
      "9",
    ]);
  });

  test("[producer §11] JSON text is stored as it is", async () => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    const text = '{ "n": 1.0, "big": 18446744073709551617, "huge": 1e400 }';
    await producer.enqueue("work", new JsonText(text), { id: "a" });
    await producer.enqueue(sendEmail, new JsonText('{"to":"x","count":2.0}'), { id: "b" });
    expect(await db.redis.hget("rrq:job:a", "job_params")).toBe(text);
    expect(await db.redis.hget("rrq:job:b", "job_params")).toBe('{"to":"x","count":2.0}');
  });

  test("[producer §3] no params are {}, and what the caller changes after the call does not matter", async () => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    const params = { n: 1 };
    const calls = [producer.enqueue("work", undefined, { id: "a" }), producer.enqueue("work", params, { id: "b" })];
    params.n = 2;
    await Promise.all(calls);
    expect(await db.redis.hget("rrq:job:a", "job_params")).toBe("{}");
    expect(await db.redis.hget("rrq:job:b", "job_params")).toBe('{"n":1}');
  });

  test.each<[string, string, unknown, string]>([
    ["an array", "INVALID_ARGUMENT", [1], "must be an object"],
    ["null", "INVALID_ARGUMENT", null, "must be an object"],
    ["a BigInt", "NOT_JSON", { n: 1n }, "params.n is a BigInt"],
    ["NaN", "NOT_JSON", { n: Number.NaN }, "params.n is NaN"],
    ["half a surrogate pair", "NOT_JSON", { s: "\udead" }, "surrogate"],
    ["17 MiB", "TOO_LARGE", { s: "x".repeat(17 * 1024 * 1024) }, "the limit is"],
    ["JSON text that is none", "NOT_JSON", new JsonText('{"a":}'), "no JSON"],
    ["a value 125 levels deep inside", "TOO_DEEP", { a: nested(125) }, "levels"],
  ])("[trap 15] [producer §11] params that can never be delivered are refused: %s", async (_title, code, params, text) => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    const error = await refusal(producer.enqueue("work", params as object));
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) as unknown });
    expect(await db.redis.dbsize()).toBe(0);
  });

  test("[producer §11] 16 MiB less the envelope, and a value 124 levels deep inside, are delivered", async () => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    expect((await producer.enqueue("work", { s: "x".repeat(16 * 1024 * 1024 - 64 * 1024 - 8) })).kind).toBe("enqueued");
    expect((await producer.enqueue("work", { a: nested(124) })).kind).toBe("enqueued");
  });

  test("[design §4] params that do not fit the contract: SCHEMA_MISMATCH", async () => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    const error = await refusal(producer.enqueue(sendEmail, { to: 7 } as unknown as { to: string }));
    expect(error).toMatchObject({ code: "SCHEMA_MISMATCH", message: expect.stringContaining("params.to") as unknown });
  });

  test.each([undefined, null, 7, {}])("[producer §4.1] %s is no job", async (job) => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    const error = await refusal(producer.enqueue(job as string));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining("defineJob()") as unknown });
  });

  test("[producer §4.3] correlation mappings of the producer", async () => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url, correlationMappings: { tenant: "user.tenant" } });
    await producer.enqueue("work", { user: { tenant: 1 } }, { id: "a", correlation: { by: "me" } });
    expect(await db.redis.hget("rrq:job:a", "correlation_context")).toBe('{"by":"me","tenant":"1"}');
  });

  test("[trap 45] a signal that fires before the job left keeps it from leaving", async () => {
    await using db = await openTestRedis();
    await using producer = createProducer({ redisUrl: db.url });
    await producer.connect();
    const controller = new AbortController();
    const call = refusal(producer.enqueue("work", {}, { id: "a", signal: controller.signal }));
    controller.abort("changed my mind");
    expect(await call).toMatchObject({ code: "ABORTED", message: "job a was not sent", cause: "changed my mind" });
    await producer.enqueue("work", {}, { id: "b" });
    expect(await db.redis.exists("rrq:job:a", "rrq:job:b")).toBe(1);
  });

  test("[trap 45] also when it waits behind others", async () => {
    await using server = await startPrivateRedis();
    await using producer = createProducer({ redisUrl: server.url });
    await producer.connect();
    await server.kill("SIGSTOP");
    const calls = Array.from({ length: 200 }, () => producer.enqueue("work"));
    const controller = new AbortController();
    const last = refusal(producer.enqueue("work", {}, { id: "a", signal: controller.signal }));
    await new Promise((resolve) => setImmediate(resolve)); // four calls are under way, and no more leave
    controller.abort();
    expect((await last).message).toBe("job a was not sent");
    await server.kill("SIGCONT");
    await Promise.all(calls);
    expect(await producer.getJob("a")).toBe(null);
  });

  test("[trap 45] a signal that fires later: the job may be there, and the error says so", async () => {
    await using server = await startPrivateRedis();
    await using producer = createProducer({ redisUrl: server.url });
    await producer.connect();
    await server.kill("SIGSTOP");
    const controller = new AbortController();
    const call = refusal(producer.enqueue("work", {}, { id: "a", signal: controller.signal }));
    await new Promise((resolve) => setImmediate(resolve)); // it has left by now
    controller.abort();
    expect((await call).message).toBe("job a may have been enqueued all the same");
    await server.kill("SIGCONT");
    await vi.waitFor(async () => expect((await producer.getJob("a"))?.status).toBe("PENDING"));
  });
});

describe("options", () => {
  test("[producer §2] what the producer says of its jobs, over the settings", async () => {
    await using db = await openTestRedis();
    const config = defaultSettings({
      redisDsn: db.url,
      defaultQueueName: "rrq:queue:file",
      defaultMaxRetries: 2,
      defaultJobTimeoutSeconds: 11,
      defaultResultTtlSeconds: 12,
      defaultUniqueJobLockTtlSeconds: 13,
      correlationMappings: { n: "n" },
    });
    await using plain = createProducer({ config });
    await plain.enqueue("work", { n: 1 }, { id: "a", idempotency: { key: "k" } });
    const fields = ["queue_name", "max_retries", "job_timeout_seconds", "result_ttl_seconds", "correlation_context"];
    expect(await db.redis.hmget("rrq:job:a", ...fields)).toEqual(["rrq:queue:file", "2", "11", "12", '{"n":"1"}']);
    expect(await db.redis.ttl("rrq:idempotency:k")).toBe(13);
    const defaults = { queue: "mine", maxAttempts: 7, timeoutSeconds: 8, resultTtlSeconds: 0, idempotencyTtlSeconds: 99 };
    await using special = createProducer({ config, defaults, correlationMappings: {} });
    await special.enqueue("work", { n: 1 }, { id: "b", idempotency: { key: "l" } });
    expect(await db.redis.hmget("rrq:job:b", ...fields)).toEqual(["rrq:queue:mine", "7", "8", "0", null]);
    expect(await db.redis.ttl("rrq:idempotency:l")).toBe(99);
  });

  test("[producer §2] [config §1] a file: Redis and defaults come from it", async () => {
    await using db = await openTestRedis();
    const folder = await mkdtemp(join(tmpdir(), "rrq-producer-"));
    try {
      const path = join(folder, "rrq.toml");
      await writeFile(path, `[rrq]\nredis_dsn = "${db.url}"\ndefault_queue_name = "from-file"\n`);
      vi.stubEnv("RRQ_REDIS_DSN", undefined);
      await using producer = createProducer({ config: path });
      await producer.enqueue("work", {}, { id: "a" });
      expect(await db.redis.hget("rrq:job:a", "queue_name")).toBe("rrq:queue:from-file");
    } finally {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true });
    }
  });

  test("[producer §2] a file that is not there: the first call says so, and the next looks again", async () => {
    await using db = await openTestRedis();
    const folder = await mkdtemp(join(tmpdir(), "rrq-producer-"));
    try {
      const path = join(folder, "rrq.toml");
      vi.stubEnv("RRQ_REDIS_DSN", undefined);
      await using producer = createProducer({ config: path });
      expect((await refusal(producer.enqueue("work"))).code).toBe("CONFIG_NOT_FOUND");
      await writeFile(path, `[rrq]\nredis_dsn = "${db.url}"\n`);
      expect((await producer.enqueue("work")).kind).toBe("enqueued");
    } finally {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true });
    }
  });

  test.each<[string, object, string, string]>([
    ["a DSN that cannot be read", { redisUrl: "localhost:6379" }, "INVALID_ARGUMENT", "the Redis DSN"],
    ["two ways to Redis", { redisUrl: "redis://h", redis: {} }, "INVALID_ARGUMENT", "exclude each other"],
    ["a client that is none", { redis: {} }, "INVALID_ARGUMENT", "redis takes a client of ioredis"],
    ["an empty path", { config: "" }, "INVALID_ARGUMENT", "config takes the path"],
    ["no patience at all", { redisUrl: "redis://h", giveUpAfterSeconds: 0 }, "INVALID_ARGUMENT", "giveUpAfterSeconds takes seconds"],
    ["a default that no job can have", { redisUrl: "redis://h", defaults: { timeoutSeconds: 0.5 } }, "INVALID_ARGUMENT", "defaults.timeoutSeconds takes a whole number"],
    ["mappings that are no text", { redisUrl: "redis://h", correlationMappings: { a: 1 } }, "INVALID_ARGUMENT", "correlationMappings takes"],
  ])("[design §4] refused at once: %s", (_title, options, code, message) => {
    expect(() => createProducer(options)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) as unknown }));
  });
});

describe.each([
  ["ioredis 5", (url: string, options: object) => new Redis5(url, options)],
  ["ioredis 6", (url: string, options: object) => new Redis6(url, options)],
])("a client of %s", (_name, open) => {
  test("[design §8] enqueues, looks, waits and cancels over it, and leaves it open", async () => {
    await using db = await openTestRedis();
    const redis = open(db.url, {});
    try {
      const producer = createProducer({ redis });
      await producer.enqueue("work", {}, { id: "a" });
      const wait = producer.waitForJob("a");
      await vi.waitFor(async () => expect(await db.redis.pubsub("CHANNELS", "rrq:ts:done:*")).toContain("rrq:ts:done:a"));
      expect(await producer.cancel("a")).toEqual({ kind: "cancelled" });
      expect(await wait).toMatchObject({ kind: "finished", job: { status: "CANCELLED" } });
      expect(await producer.getJob("a")).toMatchObject({ status: "CANCELLED" });
      await producer.close();
      expect(await redis.ping()).toBe("PONG");
      expect((await refusal(producer.enqueue("work"))).code).toBe("CLOSED");
    } finally {
      redis.disconnect();
    }
  });

  test("[design §8] with a keyPrefix it is refused", () => {
    const redis = open("redis://127.0.0.1:1", { keyPrefix: "app:", lazyConnect: true });
    expect(() => createProducer({ redis })).toThrow(expect.objectContaining({ code: "REDIS_UNSUPPORTED" }));
  });

  test("[design §8] so is one of a Cluster", () => {
    const redis = Object.assign(open("redis://127.0.0.1:1", { lazyConnect: true }), { isCluster: true });
    expect(() => createProducer({ redis })).toThrow(expect.objectContaining({ code: "REDIS_UNSUPPORTED" }));
  });

  test("[producer §2] offline, with a client that would try for ever: REDIS_UNAVAILABLE in time", async () => {
    const redis = open("redis://127.0.0.1:1", { maxRetriesPerRequest: null });
    redis.on("error", () => undefined);
    try {
      await using producer = createProducer({ redis, giveUpAfterSeconds: 0.2 });
      expect((await refusal(producer.enqueue("work"))).code).toBe("REDIS_UNAVAILABLE");
    } finally {
      redis.disconnect();
    }
  });
});

describe("closing", () => {
  test("[design §4] what was put in is waited for; what comes later is CLOSED; twice is fine", async () => {
    await using db = await openTestRedis();
    const producer = createProducer({ redisUrl: db.url });
    await producer.connect();
    const calls = Array.from({ length: 120 }, (_, index) => producer.enqueue("work", { index }));
    await Promise.resolve(); // they have written their params down
    await Promise.all([producer.close(), producer.close()]);
    const results = await Promise.allSettled(calls);
    const enqueued = results.filter(({ status }) => status === "fulfilled").length;
    expect(await db.redis.zcard("rrq:queue:default")).toBe(enqueued);
    for (const call of [producer.enqueue("work"), producer.getJob("a"), producer.waitForJob("a"), producer.cancel("a"), producer.enqueueMany([]), producer.connect()]) {
      expect((await refusal(call)).code).toBe("CLOSED");
    }
  });

  test("[design §4] its signal closes it, also one that fired before", async () => {
    await using db = await openTestRedis();
    const controller = new AbortController();
    await using producer = createProducer({ redisUrl: db.url, signal: controller.signal });
    await producer.enqueue("work");
    controller.abort();
    expect((await refusal(producer.enqueue("work"))).code).toBe("CLOSED");
    await using late = createProducer({ redisUrl: db.url, signal: controller.signal });
    expect((await refusal(late.enqueue("work"))).code).toBe("CLOSED");
  });

  test("[design §4] while Redis cannot be reached, closing ends the calls that wait for it", async () => {
    await using server = await startPrivateRedis();
    await server.kill();
    const producer = createProducer({ redisUrl: server.url, giveUpAfterSeconds: 60 });
    const look = refusal(producer.getJob("a"));
    await producer.close();
    expect((await look).code).toBe("CLOSED");
  });
});

/** `levels` arrays in each other. */
function nested(levels: number): unknown {
  return JSON.parse("[".repeat(levels) + "]".repeat(levels));
}

