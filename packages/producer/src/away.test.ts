import { startPrivateRedis } from "@rrq/private-redis";
import { openTestRedis } from "@rrq/private-redis/vitest";
import { RrqError } from "@rrq/protocol";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { createProducer } from "./create-producer.ts";
import type { UnlimitedOptions } from "./enqueue-options.ts";
import { openFront } from "./testing/front.ts";

async function refusal(call: Promise<unknown>): Promise<RrqError> {
  const error: unknown = await call.then(
    () => new Error("it was answered"),
    (caught: unknown) => caught,
  );
  if (!RrqError.is(error)) throw error;
  return error;
}

test("[producer §2] [trap 46] nobody there: REDIS_UNAVAILABLE in time, with the reason, the id, and that it may be sent again", async () => {
  await using server = await startPrivateRedis();
  await server.kill();
  await using producer = createProducer({ redisUrl: server.url, giveUpAfterSeconds: 0.3 });
  const error = await refusal(producer.enqueue("work", {}, { id: "a" }));
  expect(error.code).toBe("REDIS_UNAVAILABLE");
  expect(error.message).toContain("within 0.3 s");
  expect(error.message).toContain("ECONNREFUSED");
  expect(error.message).toContain("job a may have been enqueued");
  await server.restart();
  await using again = createProducer({ redisUrl: server.url });
  expect(await again.enqueue("work", {}, { id: "a" })).toEqual({ kind: "enqueued", jobId: "a" });
});

test("[producer §2] Redis comes back in time: nobody notices", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url });
  await producer.connect();
  await server.kill();
  const calls = [producer.enqueue("work", {}, { id: "a" }), producer.getJob("a"), producer.cancel("b")];
  await server.restart();
  const [enqueued] = await Promise.all(calls);
  expect(enqueued).toEqual({ kind: "enqueued", jobId: "a" });
});

test("[trap 44] a server that is silent for a while: every call ends in time", async () => {
  await using server = await startPrivateRedis();
  await using producer = createProducer({ redisUrl: server.url, giveUpAfterSeconds: 0.3 });
  await producer.connect();
  await server.kill("SIGSTOP");
  const calls = [producer.enqueue("work"), producer.getJob("a"), producer.cancel("a"), producer.waitForJob("a"), producer.connect()];
  const errors = await Promise.all(calls.map(refusal));
  expect(errors.map(({ code }) => code)).toEqual(errors.map(() => "REDIS_UNAVAILABLE"));
  await server.kill("SIGCONT");
});

const keysOfCalls: [string, UnlimitedOptions, string][] = [
  ["plain", {}, "enqueued"],
  ["idempotency", { idempotency: { key: "k" } }, "enqueued"],
  ["unique", { unique: { key: "k" } }, "enqueued"],
  ["debounce", { debounce: { key: "k", windowSeconds: 60 } }, "enqueued"],
];

test.each(keysOfCalls)("[design §8] an answer that is lost on the way is asked for again, and tells the truth: %s", async (_title, options, kind) => {
  await using server = await startPrivateRedis();
  await using front = await openFront(server.port);
  await using producer = createProducer({ redisUrl: `redis://127.0.0.1:${front.port}` });
  await producer.enqueue("warm");
  front.loseAnswerTo("the-lost-one");
  expect(await producer.enqueue("work", {}, { id: "the-lost-one", ...options })).toEqual({ kind, jobId: "the-lost-one" });
  expect(front.connections).toBe(2);
  const redis = new Redis(server.url);
  try {
    expect((await redis.keys("rrq:job:*")).length).toBe(2);
    expect(await redis.zcard("rrq:queue:default")).toBe(2);
  } finally {
    redis.disconnect();
  }
});

test("[design §8] so is the answer about a rate limit, about many jobs, and about a cancel", async () => {
  await using server = await startPrivateRedis();
  await using front = await openFront(server.port);
  await using producer = createProducer({ redisUrl: `redis://127.0.0.1:${front.port}` });
  front.loseAnswerTo("limited");
  const rateLimit = { key: "k", windowSeconds: 60 };
  expect(await producer.enqueue("work", {}, { id: "limited", rateLimit })).toEqual({ kind: "enqueued", jobId: "limited" });
  front.loseAnswerTo("many-7");
  const items = Array.from({ length: 10 }, (_, index) => ({ job: "work", options: { id: `many-${index}` } }));
  expect(await producer.enqueueMany(items)).toEqual(items.map(({ options }) => ({ kind: "enqueued", jobId: options.id })));
  front.loseAnswerTo("rrq:lock:job:many-7");
  expect(await producer.cancel("many-7")).toEqual({ kind: "cancelled" });
  expect(front.connections).toBe(4);
});

test("[design §8] a master that became a replica: calls wait for the failover, and no longer than they may", async () => {
  await using server = await startPrivateRedis();
  await using master = await startPrivateRedis();
  const admin = new Redis(server.url);
  try {
    await using producer = createProducer({ redisUrl: server.url, giveUpAfterSeconds: 30 });
    await producer.connect();
    await admin.replicaof("127.0.0.1", String(master.port));
    const call = producer.enqueue("work", {}, { id: "a" });
    await using impatient = createProducer({ redisUrl: server.url, giveUpAfterSeconds: 1 });
    expect((await refusal(impatient.enqueue("work"))).message).toContain("READONLY");
    await admin.replicaof("NO", "ONE");
    expect(await call).toEqual({ kind: "enqueued", jobId: "a" });
  } finally {
    admin.disconnect();
  }
});

test("[producer §2] a refused login is told at once, and the next call tries anew", async () => {
  await using server = await startPrivateRedis({ args: ["--requirepass", "s3cret"] });
  await using producer = createProducer({ redisUrl: server.url });
  const error = await refusal(producer.enqueue("work"));
  expect(error).toMatchObject({ code: "REDIS_REFUSED", message: expect.stringContaining("NOAUTH") as unknown });
  const admin = new Redis(`redis://:s3cret@127.0.0.1:${server.port}`);
  try {
    await admin.config("SET", "requirepass", "");
    expect((await producer.enqueue("work")).kind).toBe("enqueued");
  } finally {
    admin.disconnect();
  }
});

test("[trap 57] neither producer nor errors show the password", async () => {
  const { inspect } = await import("node:util");
  await using server = await startPrivateRedis({ args: ["--requirepass", "s3cret"] });
  const url = `redis://:s3cret@127.0.0.1:${server.port}/0`;
  await using producer = createProducer({ redisUrl: url, giveUpAfterSeconds: 0.2 });
  await producer.connect();
  await server.kill();
  const error = await refusal(producer.enqueue("work"));
  expect(inspect([producer, error], { depth: 9, showHidden: true })).not.toContain("s3cret");
});

test("[trap 5] Redis out of memory: REDIS_REFUSED, and nothing half done", async () => {
  await using server = await startPrivateRedis({ args: ["--maxmemory-policy", "noeviction"] });
  const admin = new Redis(server.url);
  try {
    await using producer = createProducer({ redisUrl: server.url });
    await producer.enqueue("work", {}, { id: "a" });
    await admin.config("SET", "maxmemory", "1");
    const error = await refusal(producer.enqueue("work", {}, { id: "b", idempotency: { key: "k" } }));
    expect(error).toMatchObject({ code: "REDIS_REFUSED", message: expect.stringContaining("OOM") as unknown });
    expect((await admin.keys("*")).sort()).toEqual(["rrq:job:a", "rrq:queue:default"]);
  } finally {
    admin.disconnect();
  }
});

test("[producer §2] scripts that Redis forgot in a restart are sent again", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await producer.enqueue("work");
  await db.redis.script("FLUSH");
  expect((await producer.enqueue("work")).kind).toBe("enqueued");
});
