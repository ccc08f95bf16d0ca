import { startPrivateRedis } from "@rrq/private-redis";
import { openTestRedis } from "@rrq/private-redis/vitest";
import { defineJob } from "@rrq/protocol";
import { Redis } from "ioredis";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { createProducer } from "./create-producer.ts";
import { openFront } from "./testing/front.ts";

const END = { status: "COMPLETED", result: '{"n":2}' };

/** Resolves when somebody hears of the end of this job. */
async function listened(redis: Redis, id: string): Promise<void> {
  await vi.waitFor(async () => expect(await redis.pubsub("CHANNELS", "rrq:ts:done:*")).toContain(`rrq:ts:done:${id}`));
}

/** Ends a job as our orchestrators do. */
async function end(redis: Redis, id: string, fields: Record<string, string> = END): Promise<void> {
  await redis.multi().hset(`rrq:job:${id}`, fields).publish(`rrq:ts:done:${id}`, fields["status"] ?? "").exec();
}

test.each(["COMPLETED", "FAILED", "CANCELLED"])("[producer §7] [trap 44] %s ends a wait as soon as it is announced", async (status) => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await producer.enqueue("work", {}, { id: "a" });
  const wait = producer.waitForJob("a");
  await listened(db.redis, "a");
  await end(db.redis, "a", { status });
  expect(await wait).toMatchObject({ kind: "finished", job: { id: "a", status } });
  await vi.waitFor(async () => expect(await db.redis.pubsub("CHANNELS", "rrq:ts:done:*")).toEqual([]));
});

test("[design §4] as: the result as its readers get it", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  const count = defineJob("count", { result: z.object({ n: z.number().transform((n) => n + 1) }) });
  await producer.enqueue(count, {}, { id: "a" });
  const wait = producer.waitForJob("a", { as: count });
  await listened(db.redis, "a");
  await end(db.redis, "a");
  expect(await wait).toMatchObject({ kind: "finished", job: { result: { n: 3 } } });
});

test("[producer §7] a job that has ended already needs no connection for waits", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url });
  const redis = new Redis(server.url);
  try {
    await redis.hset("rrq:job:a", END);
    expect(await producer.waitForJob("a")).toMatchObject({ kind: "finished" });
    expect(await redis.call("CLIENT", "LIST")).not.toContain("rrq-producer-listener");
  } finally {
    redis.disconnect();
  }
});

test("[trap 44] an unknown id is an answer at once", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  expect(await producer.waitForJob("nobody", { timeoutSeconds: Infinity })).toEqual({ kind: "unknown" });
});

test("[trap 44] so is a hash that goes while one waits", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await producer.enqueue("work", {}, { id: "a" });
  const wait = producer.waitForJob("a");
  await listened(db.redis, "a");
  await db.redis.del("rrq:job:a");
  expect(await wait).toEqual({ kind: "unknown" });
});

test("[producer §7] when the time is over, the job as it is then", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await producer.enqueue("work", {}, { id: "a" });
  expect(await producer.waitForJob("a", { timeoutSeconds: 0 })).toMatchObject({ kind: "timed-out", job: { status: "PENDING" } });
  const wait = producer.waitForJob("a", { timeoutSeconds: 0.2 });
  await db.redis.hset("rrq:job:a", "status", "ACTIVE");
  expect(await wait).toMatchObject({ kind: "timed-out", job: { status: "ACTIVE" } });
});

test.each([-1, Number.NaN, "1"])("[producer §7] a time of %s is refused", async (timeoutSeconds) => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await expect(producer.waitForJob("a", { timeoutSeconds: timeoutSeconds as number })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining("timeoutSeconds takes seconds") as unknown,
  });
});

test("[producer §7] orchestrators of upstream's announce nothing to us: their ends are found all the same", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await producer.enqueue("work", {}, { id: "a" });
  const wait = producer.waitForJob("a");
  await listened(db.redis, "a");
  await db.redis.hset("rrq:job:a", END);
  expect(await wait).toMatchObject({ kind: "finished" });
});

test("[design §4] a signal ends a wait", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await producer.enqueue("work", {}, { id: "a" });
  const controller = new AbortController();
  const wait = producer.waitForJob("a", { signal: controller.signal });
  await listened(db.redis, "a");
  controller.abort("enough");
  await expect(wait).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
  await expect(producer.waitForJob("a", { signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
});

test("[design §4] also one that fires while Redis does not answer; a short wait gives up soon then", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url });
  await producer.connect();
  await server.kill("SIGSTOP");
  const controller = new AbortController();
  const wait = producer.waitForJob("a", { signal: controller.signal });
  controller.abort("enough");
  await expect(wait).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
  await expect(producer.waitForJob("a", { timeoutSeconds: 0.1 })).rejects.toMatchObject({ code: "REDIS_UNAVAILABLE" });
  await server.kill("SIGCONT");
});

test("[design §4] so does closing, also when the wait has hardly begun", async () => {
  await using db = await openTestRedis();
  const producer = createProducer({ redisUrl: db.url });
  await producer.enqueue("work", {}, { id: "a" });
  const wait = producer.waitForJob("a");
  await listened(db.redis, "a");
  const settled = Promise.allSettled([wait, producer.waitForJob("a")]);
  await producer.close();
  for (const result of await settled) expect(result).toMatchObject({ status: "rejected", reason: { code: "CLOSED" } });
});

test("[trap 44] a thousand waits share one connection, and nobody else waits for them", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url });
  const redis = new Redis(server.url);
  try {
    const ids = Array.from({ length: 1_000 }, (_, index) => `job-${index}`);
    await producer.enqueueMany(ids.map((id) => ({ job: "work", options: { id } })));
    const waits = ids.map((id) => producer.waitForJob(id));
    await vi.waitFor(async () => expect(await redis.pubsub("CHANNELS", "rrq:ts:done:*")).toHaveLength(1_000), 5_000);
    const clients = String(await redis.call("CLIENT", "LIST"));
    expect(clients.match(/name=rrq-producer-listener/g)).toHaveLength(1);
    expect(clients.match(/name=rrq-producer /g)).toHaveLength(1);
    expect(await producer.getJob("job-0")).toMatchObject({ status: "PENDING" });
    await Promise.all(ids.map((id) => end(redis, id)));
    const answers = await Promise.all(waits);
    expect(answers.every(({ kind }) => kind === "finished")).toBe(true);
  } finally {
    redis.disconnect();
  }
});

test("[trap 44] many waits for one job look at it together", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url });
  const redis = new Redis(server.url);
  try {
    await producer.enqueue("work", {}, { id: "a" });
    const waits = Array.from({ length: 200 }, () => producer.waitForJob("a"));
    await listened(redis, "a");
    await producer.getJob("a");
    await redis.config("RESETSTAT");
    await end(redis, "a");
    expect((await Promise.all(waits)).every(({ kind }) => kind === "finished")).toBe(true);
    expect(Number(/cmdstat_hgetall:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1])).toBeLessThan(5);
  } finally {
    redis.disconnect();
  }
});

test("[producer §7] an end that was announced while the connection was lost is seen when it is back", async () => {
  await using server = await startPrivateRedis();
  await using front = await openFront(server.port);
  await using producer = createProducer({ redisUrl: `redis://127.0.0.1:${front.port}` });
  const redis = new Redis(server.url);
  try {
    await producer.enqueue("work", {}, { id: "a" });
    const wait = producer.waitForJob("a");
    await listened(redis, "a");
    await redis.multi().call("CLIENT", "KILL", "TYPE", "pubsub").hset("rrq:job:a", END).publish("rrq:ts:done:a", "COMPLETED").exec();
    expect(await wait).toMatchObject({ kind: "finished" });
  } finally {
    redis.disconnect();
  }
});

test("[trap 44] a restart of Redis under a wait: the wait goes on", async () => {
  await using server = await startPrivateRedis({ appendfsync: "always" });
  await using producer = createProducer({ redisUrl: server.url });
  await producer.enqueue("work", {}, { id: "a" });
  const wait = producer.waitForJob("a", { timeoutSeconds: Infinity });
  const before = new Redis(server.url);
  await listened(before, "a");
  before.disconnect();
  await server.kill();
  await server.restart();
  const redis = new Redis(server.url);
  try {
    await listened(redis, "a");
    await end(redis, "a");
    expect(await wait).toMatchObject({ kind: "finished" });
  } finally {
    redis.disconnect();
  }
});

test("[producer §7] Redis away when the time is over: the job as it was last seen", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url });
  await producer.enqueue("work", {}, { id: "a" });
  const wait = producer.waitForJob("a", { timeoutSeconds: 0.5 });
  const redis = new Redis(server.url);
  await listened(redis, "a");
  redis.disconnect();
  await server.kill();
  expect(await wait).toMatchObject({ kind: "timed-out", job: { status: "PENDING" } });
});
