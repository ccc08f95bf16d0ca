import { JsonText } from "@rrq/protocol";
import { keys } from "@rrq/protocol/redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ActiveJob } from "../../core/active-job.ts";
import { NOW, openStore, QUEUE, type TestStore, type TestWorker } from "../../testing/open-store.ts";
import type { JobStore } from "../job-store.ts";
import type { End } from "./read-end.ts";

let store: TestStore;
let me: TestWorker;
beforeEach(async () => {
  store = await openStore();
  me = await store.openWorker();
});
afterEach(() => store[Symbol.asyncDispose]());

const RESULT = new JsonText('{"n":1.0}');
const ends = {
  complete: (jobs: JobStore, job: ActiveJob) => jobs.complete(job, RESULT),
  retry: (jobs: JobStore, job: ActiveJob) => jobs.retry(job, NOW + 5_000, "boom"),
  "dead-letter": (jobs: JobStore, job: ActiveJob) => jobs.deadLetter(job, "boom"),
  release: (jobs: JobStore, job: ActiveJob) => jobs.release(job, "shutdown"),
} satisfies Readonly<Record<string, (jobs: JobStore, job: ActiveJob) => Promise<End>>>;

describe.each(Object.entries(ends))("[trap 2] the fence of %s", (_name, end) => {
  test.each<[string, (job: ActiveJob) => Promise<unknown>]>([
    ["another worker owns the job", (job) => store.redis.hset(keys.job(job.id), "worker_id", "rrq_worker_9_cccccc")],
    ["a later claim of ours owns the job", (job) => store.redis.hset(keys.job(job.id), "fence", job.fence + 1)],
    ["the job is not ACTIVE any more", (job) => store.redis.hset(keys.job(job.id), "status", "COMPLETED")],
    ["the job is gone [trap 16]", (job) => store.redis.del(keys.job(job.id))],
    ["the key holds something else", (job) => store.redis.multi().del(keys.job(job.id)).set(keys.job(job.id), "x").exec()],
  ])("%s: it changes nothing and says so", async (_title, lose) => {
    await store.enqueue("a");
    const job = await me.claimOne();
    await lose(job);
    const before = await dump(store);
    expect(await end(me.jobs, job)).toBe("lease-lost");
    expect(await dump(store)).toEqual(before);
  });

  test("run twice, the second time it changes nothing", async () => {
    await store.enqueue("a");
    const job = await me.claimOne();
    expect(await end(me.jobs, job)).toBe("done");
    const before = await dump(store);
    expect(await end(me.jobs, job)).toBe("lease-lost");
    expect(await dump(store)).toEqual(before);
  });

  test("[trap 1] an active set of another type: nothing is written, the key is named", async () => {
    await store.enqueue("a");
    const job = await me.claimOne();
    await store.redis.multi().del(keys.active(me.workerId)).set(keys.active(me.workerId), "x").exec();
    const before = await dump(store);
    await expect(end(me.jobs, job)).rejects.toMatchObject({
      code: "WRONG_TYPE",
      message: expect.stringContaining(keys.active(me.workerId)) as string,
    });
    expect(await dump(store)).toEqual(before);
  });

  test("the active set forgets the job", async () => {
    await store.enqueue("a");
    await end(me.jobs, await me.claimOne());
    expect(await store.redis.exists(keys.active(me.workerId))).toBe(0);
  });
});

describe("[redis §4.6] complete", () => {
  test("writes result, status and time, and keeps them for the result TTL", async () => {
    await store.enqueue("a", { last_error: "boom" });
    await me.jobs.complete(await me.claimOne(), RESULT);
    expect(await store.hash("a")).toMatchObject({
      status: "COMPLETED",
      result: '{"n":1.0}',
      completion_time: "2026-01-01T12:00:00+00:00",
      closed: "1",
      last_error: "boom",
    });
    expect(await store.redis.ttl(keys.job("a"))).toBe(60);
  });

  test.each([
    ["0", "for ever", -1],
    ["-1", "as long as it was kept before", 500],
    ["99999999999999999", "not over 317 years, which Redis would refuse", 1e10],
  ])("a result TTL of %s keeps it %s", async (ttl, _title, expected) => {
    await store.enqueue("a", { result_ttl_seconds: ttl });
    const job = await me.claimOne();
    await store.redis.expire(keys.job("a"), 500);
    await me.jobs.complete(job, RESULT);
    expect(await store.redis.ttl(keys.job("a"))).toBe(expected);
  });
});

describe("[redis §4.7] retry", () => {
  test("counts the attempt and puts the job into its own queue at its time", async () => {
    await store.enqueue("a", { queue_name: "rrq:queue:own" });
    await store.redis.zadd(QUEUE, NOW, "a");
    await me.jobs.retry(await me.claimOne(), NOW + 5_250.5, "boom");
    expect(await store.hash("a")).toMatchObject({
      status: "RETRYING",
      current_retries: "1",
      last_error: "boom",
      next_scheduled_run_time: "2026-01-01T12:00:05.250+00:00",
    });
    expect(await store.redis.zscore("rrq:queue:own", "a")).toBe(String(NOW + 5_250.5));
  });

  test.each([1e300, -1e300])("a delay to %d ms needs no calendar", async (runAt) => {
    await store.enqueue("a");
    expect(await me.jobs.retry(await me.claimOne(), runAt, "boom")).toBe("done");
    expect(Number(await store.redis.zscore(QUEUE, "a"))).toBe(runAt);
    expect(await store.hash("a")).toMatchObject({ next_scheduled_run_time: "2026-01-01T12:00:00+00:00" });
  });

  test.each<[string, Record<string, string>]>([
    ["an object of more than 8 KiB as its errors", { errors: JSON.stringify({ text: "x".repeat(9_000) }) }],
    ["errors that JSON cannot write again", { errors: "[1e999]" }],
    ["retries that are no number", { current_retries: "nan" }],
    ["retries without end", { current_retries: "inf" }],
  ])("a job with %s is ended as any other", async (_title, fields) => {
    await store.enqueue("a", fields);
    expect(await me.jobs.retry(await me.claimOne(), NOW, "boom")).toBe("done");
    const { errors, current_retries: retries } = await store.hash("a");
    expect(retries).toBe("1");
    expect(JSON.parse(errors ?? "")).toMatchObject([{ attempt: 1, message: "boom" }]);
  });

  test("[design §8] errors that JSON writes long are kept in under 8 KiB too", async () => {
    await store.enqueue("a");
    for (let n = 1; n <= 5; n++) await me.jobs.retry(await me.claimOne(), NOW, "\u0001".repeat(3_000));
    const { errors = "" } = await store.hash("a");
    expect(Buffer.byteLength(errors)).toBeLessThan(8 * 1024);
    expect(JSON.parse(errors)).toMatchObject([{ attempt: 5 }]);
  });

  test("[design §8] the last five errors are kept, each cut at a character", async () => {
    await store.enqueue("a", { errors: "not json", current_retries: "x" });
    for (let n = 1; n <= 7; n++) await me.jobs.retry(await me.claimOne(), NOW, `é${"ü".repeat(3_000)}`);
    const { errors = "", current_retries } = await store.hash("a");
    expect(current_retries).toBe("7");
    expect(Buffer.byteLength(errors)).toBeLessThan(8 * 1024);
    const kept = JSON.parse(errors) as { at: string; attempt: number; message: string }[];
    expect(kept.map(({ attempt }) => attempt)).toEqual([3, 4, 5, 6, 7]);
    expect(kept[0]).toMatchObject({ at: "2026-01-01T12:00:00+00:00", message: expect.stringMatching(/^éü+$/) as string });
  });
});

describe("[redis §4.8] dead-letter", () => {
  test("counts the attempt, lists the newest first, and keeps the job for seven days", async () => {
    await store.enqueue("a");
    await store.redis.lpush("rrq:dlq:default", "older");
    await me.jobs.deadLetter(await me.claimOne(), "boom");
    expect(await store.hash("a")).toMatchObject({
      status: "FAILED",
      current_retries: "1",
      last_error: "boom",
      completion_time: "2026-01-01T12:00:00+00:00",
    });
    expect(await store.redis.lrange("rrq:dlq:default", 0, -1)).toEqual(["a", "older"]);
    expect(await store.redis.ttl(keys.job("a"))).toBe(604_800);
  });

  test("goes to the job's own dead-letter queue", async () => {
    await store.enqueue("a", { dlq_name: "mail" });
    await me.jobs.deadLetter(await me.claimOne(), "boom");
    expect(await store.redis.lrange("rrq:dlq:mail", 0, -1)).toEqual(["a"]);
  });
});

describe("[redis §4.5] release", () => {
  test("[design §1] puts the job back at once and costs no attempt", async () => {
    await store.enqueue("a", { current_retries: "2" });
    await me.jobs.release(await me.claimOne(), "shutdown");
    const hash = await store.hash("a");
    expect(hash).toMatchObject({ status: "PENDING", current_retries: "2", last_error: "shutdown" });
    expect(hash).not.toHaveProperty("worker_id");
    expect(hash).not.toHaveProperty("start_time");
    expect(await store.redis.zscore(QUEUE, "a")).toBe(String(NOW));
  });
});

describe.each(["retry", "release"] as const)("[design §8] a job that somebody asked to cancel ends as CANCELLED at its %s", (name) => {
  test("out of every queue, kept for seven days, and its keys are free again", async () => {
    await store.enqueue("a", { idempotency_key: "once", unique_key: "one" });
    await store.redis.mset(keys.idempotency("once"), "a", keys.unique("one"), "a");
    const job = await me.claimOne();
    await store.redis.hset(keys.job("a"), "cancel", "1");
    expect(await ends[name](me.jobs, job)).toBe("done");
    expect(await store.hash("a")).toMatchObject({ status: "CANCELLED", completion_time: "2026-01-01T12:00:00+00:00" });
    expect(await store.queued()).toEqual([]);
    expect(await store.redis.ttl(keys.job("a"))).toBe(604_800);
    expect(await store.redis.exists(keys.idempotency("once"), keys.unique("one"))).toBe(0);
  });
});

describe("[trap 24] [redis §4.9] unique keys at the end of a job, upstream's locks too", () => {
  test.each(["complete", "dead-letter"] as const)("%s frees those that name it, and no others", async (name) => {
    await store.enqueue("a", { job_unique_key: "theirs", unique_key: "ours", idempotency_key: "once" });
    await store.enqueue("b", { job_unique_key: "taken", unique_key: "taken" });
    await store.redis.mset(
      ...[keys.uniqueLock("theirs"), "a", keys.unique("ours"), "a", keys.idempotency("once"), "a"],
      ...[keys.uniqueLock("taken"), "someone", keys.unique("taken"), "someone"],
    );
    const { jobs } = await me.claim();
    await Promise.all(jobs.map((job) => ends[name](me.jobs, job)));
    expect(await store.redis.exists(keys.uniqueLock("theirs"), keys.unique("ours"))).toBe(0);
    expect(await store.redis.exists(keys.uniqueLock("taken"), keys.unique("taken"), keys.idempotency("once"))).toBe(3);
  });

  test.each(["retry", "release"] as const)("%s keeps them", async (name) => {
    await store.enqueue("a", { unique_key: "ours" });
    await store.redis.set(keys.unique("ours"), "a");
    await ends[name](me.jobs, await me.claimOne());
    expect(await store.redis.get(keys.unique("ours"))).toBe("a");
  });
});

describe("[design §3] the announcement of an end", () => {
  test.each([
    ["complete", "COMPLETED"],
    ["dead-letter", "FAILED"],
  ] as const)("%s publishes %s to our waiters", async (name, status) => {
    await store.enqueue("a");
    const job = await me.claimOne();
    const { first } = await listenTo(store, "rrq:ts:done:a");
    await ends[name](me.jobs, job);
    expect(await first).toBe(status);
  });

  test.each(["retry", "release"] as const)("%s wakes whoever serves the queue", async (name) => {
    await store.enqueue("a");
    const job = await me.claimOne();
    const { first } = await listenTo(store, "rrq:ts:wake:default");
    await ends[name](me.jobs, job);
    expect(Number(await first)).toBe(name === "retry" ? NOW + 5_000 : NOW);
  });

  test.each([
    ["complete", ["event", "completed", "job_id", "a", "status", "COMPLETED"]],
    ["dead-letter", ["event", "failed", "job_id", "a", "status", "FAILED"]],
  ] as const)("%s writes upstream's stream for a job of an upstream producer", async (name, fields) => {
    await store.enqueue("a", { nonce: null });
    await ends[name](me.jobs, await me.claimOne());
    expect((await store.redis.xrange(keys.events("a"), "-", "+")).map(([, written]) => written)).toEqual([fields]);
    expect(await store.redis.ttl(keys.events("a"))).toBe(300);
  });

  test.each([
    ["auto", "n", 0],
    ["auto", null, 1],
    ["always", "n", 1],
    ["never", null, 0],
  ] as const)("completion_stream = %j, nonce %j: %i streams", async (completionStream, nonce, expected) => {
    const other = await store.openWorker("rrq_worker_2_bbbbbb", { completionStream });
    await store.enqueue("a", { nonce });
    await other.jobs.complete(await other.claimOne(), RESULT);
    expect(await store.redis.exists(keys.events("a"))).toBe(expected);
  });
});

describe("[trap 20] a waiting job that can never run", () => {
  const end = () => me.jobs.deadLetterQueued(QUEUE, [{ id: "a", reason: "No runner configured for 'rust'." }]);

  test("is dead-lettered out of its queue, and as upstream counts it an attempt is spent", async () => {
    await store.enqueue("a");
    await end();
    expect(await store.hash("a")).toMatchObject({
      status: "FAILED",
      current_retries: "1",
      last_error: "No runner configured for 'rust'.",
    });
    expect(await store.queued()).toEqual([]);
    expect(await store.redis.lrange("rrq:dlq:default", 0, -1)).toEqual(["a"]);
  });

  test.each<[string, () => Promise<unknown>]>([
    ["not in the queue any more", () => store.redis.zrem(QUEUE, "a")],
    ["claimed meanwhile", () => store.redis.hset(keys.job("a"), "status", "ACTIVE")],
    ["locked by upstream", () => store.redis.set(keys.lock("a"), "w")],
  ])("%s: left as it is", async (_title, change) => {
    await store.enqueue("a");
    await change();
    const before = await dump(store);
    await end();
    expect(await dump(store)).toEqual(before);
  });
});

test("[design §2] many ends of one turn, of every kind, each fenced on its own", async () => {
  for (let n = 0; n < 100; n++) await store.enqueue(`job-${String(n).padStart(3, "0")}`);
  const claimed: ActiveJob[] = [];
  for (let n = 0; n < 10; n++) claimed.push(...(await me.claim()).jobs);
  const lost = claimed.filter((_, index) => index % 7 === 0);
  for (const job of lost) await store.redis.hset(keys.job(job.id), "worker_id", "someone");
  const kinds = Object.values(ends);
  const done = await Promise.all(claimed.map(async (job, index) => kinds[index % 4]?.(me.jobs, job)));
  expect(claimed).toHaveLength(100);
  expect(claimed.filter((_, index) => done[index] === "lease-lost")).toEqual(lost);
  const statuses = await Promise.all(claimed.map(async ({ id }) => (await store.hash(id))["status"]));
  const expected = ["COMPLETED", "RETRYING", "FAILED", "PENDING"];
  expect(statuses).toEqual(claimed.map((_, index) => (index % 7 === 0 ? "ACTIVE" : expected[index % 4])));
});

/** The first message on a channel, once it is subscribed to. */
async function listenTo({ redis }: TestStore, channel: string): Promise<{ first: Promise<string> }> {
  const subscriber = redis.duplicate();
  await subscriber.subscribe(channel);
  const first = new Promise<string>((resolve) => {
    subscriber.on("message", (_channel, message) => {
      subscriber.disconnect();
      resolve(message);
    });
  });
  return { first };
}

/** Everything in the database, each key by its type. */
async function dump({ redis }: TestStore): Promise<Record<string, unknown>> {
  const read: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
    hash: (key) => redis.hgetall(key),
    string: (key) => redis.get(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: async (key) => (await redis.smembers(key)).sort(),
    zset: (key) => redis.zrange(key, "0", "-1", "WITHSCORES"),
    stream: (key) => redis.xrange(key, "-", "+"),
  };
  const names = (await redis.keys("*")).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await read[await redis.type(name)]?.(name)] as const)),
  );
}
