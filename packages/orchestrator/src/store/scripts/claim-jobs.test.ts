import { keys } from "@rrq/protocol/redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NOW, openStore, QUEUE, type TestStore, type TestWorker } from "../../testing/open-store.ts";

let store: TestStore;
let me: TestWorker;
beforeEach(async () => {
  store = await openStore();
  me = await store.openWorker();
});
afterEach(() => store[Symbol.asyncDispose]());

const OLD = NOW - 61_000;

describe("[redis §4.2] a claim", () => {
  test("makes a due job ACTIVE, ours and tracked, and takes it from its queue", async () => {
    await store.enqueue("a");
    const claim = await me.claim();
    expect(claim).toMatchObject({ exhausted: true, next: 0, nextDue: null, saturated: false, unservable: [], refused: [] });
    expect(claim.jobs).toMatchObject([
      {
        id: "a",
        fence: NOW,
        functionName: "work",
        params: { text: '{"n":1.0}' },
        claimedFrom: QUEUE,
        queue: QUEUE,
        retries: 0,
        maxAttempts: 3,
        timeoutMs: 30_000,
        resultTtlSeconds: 60,
        dlq: "rrq:dlq:default",
        foreign: false,
      },
    ]);
    expect(await store.hash("a")).toMatchObject({
      status: "ACTIVE",
      worker_id: me.workerId,
      fence: String(NOW),
      start_time: "2026-01-01T12:00:00+00:00",
    });
    expect(await store.queued()).toEqual([]);
    expect(await store.redis.zrange(keys.active(me.workerId), "0", "-1", "WITHSCORES")).toEqual(["a", String(NOW / 1000)]);
  });

  test("takes the earliest first, `max` at most, and says whether it saw everything", async () => {
    for (const [id, at] of [["c", 3], ["a", 1], ["b", 2]] as const) await store.enqueue(id, {}, NOW - 10 + at);
    const first = await me.claim({ max: 2 });
    expect(first.jobs.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(first.exhausted).toBe(false);
    expect((await me.claim()).jobs.map(({ id }) => id)).toEqual(["c"]);
  });

  test("leaves a job that is not due, and says when it is", async () => {
    await store.enqueue("later", {}, NOW + 5_000);
    expect(await me.claim()).toMatchObject({ jobs: [], nextDue: NOW + 5_000 });
    await store.clock.advance(5_000);
    expect((await me.claim()).jobs).toHaveLength(1);
  });

  test("a job is claimed by one of two workers only", async () => {
    for (let n = 0; n < 50; n++) await store.enqueue(`job-${n}`);
    const other = await store.openWorker("rrq_worker_2_bbbbbb");
    const claims = await Promise.all([me, other, me, other, me, other].map((worker) => worker.claim({ max: 20 })));
    const ids = claims.flatMap(({ jobs }) => jobs.map(({ id }) => id));
    expect(ids).toHaveLength(50);
    expect(new Set(ids).size).toBe(50);
  });

  test("[design §2] without a lease nothing is claimed", async () => {
    await store.enqueue("a");
    await store.kill(me.workerId);
    await expect(me.claim()).rejects.toThrow("the lease is gone");
    expect(await store.queued()).toEqual(["a"]);
  });

  test("[design §2] each claim raises the fence, also when the clock stands still or went back", async () => {
    await store.enqueue("a", { fence: String(NOW + 1_000_000) });
    const job = await me.claimOne();
    expect(job.fence).toBe(NOW + 1_000_001);
    await me.jobs.release(job, "again");
    expect((await me.claimOne()).fence).toBe(NOW + 1_000_002);
  });

  test("fields that are missing or bad have the defaults", async () => {
    await store.enqueue("a", {
      max_retries: "many",
      job_timeout_seconds: null,
      result_ttl_seconds: "",
      current_retries: "x",
      queue_name: null,
      job_params: "[1]",
      trace_context: "null",
      nonce: null,
    });
    expect(await me.claimOne()).toMatchObject({
      maxAttempts: 5,
      timeoutMs: 300_000,
      resultTtlSeconds: 86_400,
      retries: 0,
      queue: QUEUE,
      params: { text: "{}" },
      traceContext: null,
      foreign: true,
    });
  });

  test("a queue name that upstream stored bare is normalised", async () => {
    await store.enqueue("a", { queue_name: "mail" });
    await store.redis.zadd(QUEUE, NOW, "a");
    expect(await me.claimOne()).toMatchObject({ claimedFrom: QUEUE, queue: "rrq:queue:mail" });
  });
});

describe("[trap 17] what is not waiting is not run again", () => {
  test.each(["COMPLETED", "CANCELLED"])("a %s id is dropped from the queue", async (status) => {
    await store.enqueue("a", { status });
    expect((await me.claim()).jobs).toEqual([]);
    expect(await store.queued()).toEqual([]);
    expect(await store.hash("a")).toMatchObject({ status });
  });

  test("an id without a hash is dropped, and no hash appears", async () => {
    await store.redis.zadd(QUEUE, NOW, "ghost");
    expect((await me.claim()).jobs).toEqual([]);
    expect(await store.queued()).toEqual([]);
    expect(await store.redis.exists(keys.job("ghost"))).toBe(0);
  });

  test.each(["PENDING", "RETRYING"])("a job that we completed and upstream's late command made %s is COMPLETED again", async (status) => {
    await store.enqueue("a", { status, closed: "1" });
    expect((await me.claim()).jobs).toEqual([]);
    expect(await store.queued()).toEqual([]);
    expect(await store.hash("a")).toMatchObject({ status: "COMPLETED" });
  });

  test("a waiting job with a cancel request ends as CANCELLED", async () => {
    await store.enqueue("a", { cancel: "1" });
    expect((await me.claim()).jobs).toEqual([]);
    expect(await store.hash("a")).toMatchObject({ status: "CANCELLED" });
    expect(await store.redis.ttl(keys.job("a"))).toBeGreaterThan(604_000);
  });
});

describe("[trap 6] one malformed job is quarantined and stops nobody else", () => {
  test.each([
    ["a timeout of 10^14 seconds", { job_timeout_seconds: "100000000000000" }, "Invalid job timeout"],
    ["a timeout of 5.0001 seconds", { job_timeout_seconds: "5.0001" }, "Invalid job timeout"],
    ["a negative timeout", { job_timeout_seconds: "-1" }, "Invalid job timeout: -1. Must be positive."],
    ["no enqueue_time", { enqueue_time: null }, "no valid enqueue_time"],
    ["an enqueue_time that is no time", { enqueue_time: "yesterday" }, "no valid enqueue_time"],
    ["a day that no calendar has", { enqueue_time: "2025-02-29T12:00:00Z" }, "no valid enqueue_time"],
    ["an hour that no clock has", { enqueue_time: "2025-02-28T24:00:00Z" }, "no valid enqueue_time"],
    ["no status", { status: null }, "unknown status"],
    ["an unknown status", { status: "pending" }, "unknown status"],
  ])("%s: dead-lettered with the reason", async (_title, fields, reason) => {
    await store.enqueue("bad", fields, NOW - 1_000);
    await store.enqueue("good");
    expect((await me.claim()).jobs.map(({ id }) => id)).toEqual(["good"]);
    expect(await store.redis.lrange("rrq:dlq:default", 0, -1)).toEqual(["bad"]);
    const hash = await store.hash("bad");
    expect(hash).toMatchObject({ status: "FAILED" });
    expect(hash["last_error"]).toContain(reason);
    expect(await store.redis.ttl(keys.job("bad"))).toBeGreaterThan(604_000);
  });

  test.each([
    ["a bad time-out spends an attempt", { job_timeout_seconds: "-1" }, "1"],
    ["a bad enqueue_time does not", { enqueue_time: "yesterday" }, "0"],
  ])("[redis §4.3] as with upstream, %s", async (_title, fields, retries) => {
    await store.enqueue("bad", { ...fields, dlq_name: "" });
    await me.claim();
    expect(await store.hash("bad")).toMatchObject({ status: "FAILED", current_retries: retries });
    expect(await store.redis.lrange("rrq:dlq:default", 0, -1)).toEqual(["bad"]);
  });

  test("a leap day and a leap second are times", async () => {
    await store.enqueue("day", { enqueue_time: "2024-02-29T12:00:00.5+02:00" });
    await store.enqueue("second", { enqueue_time: "2016-12-31T23:59:60Z" });
    expect((await me.claim()).jobs.map(({ id }) => id)).toEqual(["day", "second"]);
  });

  test("a job key of another type is dropped from the queue and left as it is", async () => {
    await store.redis.set(keys.job("bad"), "text");
    await store.redis.zadd(QUEUE, NOW - 1_000, "bad");
    await store.enqueue("good");
    expect((await me.claim()).jobs.map(({ id }) => id)).toEqual(["good"]);
    expect(await store.queued()).toEqual([]);
    expect(await store.redis.get(keys.job("bad"))).toBe("text");
  });

  test("[trap 7] a dead-letter queue of another type: the job stays, the others are claimed, the key is named", async () => {
    await store.redis.set("rrq:dlq:default", "text");
    await store.enqueue("bad", { job_timeout_seconds: "-1" }, NOW - 1_000);
    await store.enqueue("good");
    const claim = await me.claim();
    expect(claim.jobs.map(({ id }) => id)).toEqual(["good"]);
    expect(claim.refused).toMatchObject([["bad", expect.stringContaining("rrq:dlq:default")]]);
    expect(await store.queued()).toEqual(["bad"]);
    expect(await store.hash("bad")).toMatchObject({ status: "PENDING" });
  });

  test.each([
    ["the queue", QUEUE],
    ["my active set", "rrq:active:jobs:rrq_worker_1_aaaaaa"],
  ])("%s of another type: refused before anything is written, and the key is named", async (_title, key) => {
    await store.enqueue("a");
    await store.redis.del(key);
    await store.redis.set(key, "text");
    await expect(me.claim()).rejects.toMatchObject({ code: "WRONG_TYPE", message: expect.stringContaining(key) as string });
    expect(await store.hash("a")).toMatchObject({ status: "PENDING" });
  });
});

describe("beside upstream", () => {
  test("a job that upstream holds a lock on is left, and does not hide what is behind it [trap 31]", async () => {
    for (let n = 0; n < 100; n++) {
      await store.enqueue(`locked-${n}`, {}, NOW - 1_000);
      await store.redis.set(keys.lock(`locked-${n}`), "rrq_worker_9_cccccc");
    }
    await store.enqueue("free");
    expect((await me.claim({ max: 1 })).jobs.map(({ id }) => id)).toEqual(["free"]);
    expect(await store.queued()).toHaveLength(100);
  });

  test("more than 1,000 ids that cannot be claimed: the next call goes on behind them", async () => {
    const pipeline = store.redis.pipeline();
    for (let n = 0; n < 1_500; n++) {
      pipeline.hset(keys.job(`x${n}`), "status", "PENDING").zadd(QUEUE, NOW - 1_000, `x${n}`).set(keys.lock(`x${n}`), "w");
    }
    await pipeline.exec();
    await store.enqueue("free");
    const first = await me.claim({ max: 1 });
    expect(first).toMatchObject({ jobs: [], exhausted: false, next: 1_000 });
    const second = await me.claim({ max: 1, from: first.next });
    expect(second.jobs.map(({ id }) => id)).toEqual(["free"]);
  });

  test.each([
    ["FAILED", "upstream requeues in two commands"],
    ["ACTIVE", "upstream recovers in two commands"],
  ])("a queued id that is %s is left for a minute: %s", async (status) => {
    await store.enqueue("a", { status }, NOW - 59_000);
    expect((await me.claim()).jobs).toEqual([]);
    expect(await store.queued()).toEqual(["a"]);
    expect(await store.hash("a")).toMatchObject({ status });
  });

  test("FAILED and still queued after a minute: it was requeued, and runs", async () => {
    await store.enqueue("a", { status: "FAILED" }, OLD);
    expect((await me.claim()).jobs).toHaveLength(1);
  });

  test("a job that upstream requeued no longer expires while it runs", async () => {
    await store.enqueue("a", { completion_time: "2026-01-01T00:00:00+00:00" });
    await store.redis.expire(keys.job("a"), 604_800);
    await me.claimOne();
    expect(await store.redis.ttl(keys.job("a"))).toBe(-1);
  });

  test("ACTIVE and still queued after a minute: dropped if its owner lives", async () => {
    const other = await store.openWorker("rrq_worker_2_bbbbbb");
    await store.enqueue("a", { status: "ACTIVE", worker_id: other.workerId }, OLD);
    expect((await me.claim()).jobs).toEqual([]);
    expect(await store.queued()).toEqual([]);
    expect(await store.hash("a")).toMatchObject({ status: "ACTIVE", worker_id: other.workerId });
  });

  test("ACTIVE and still queued after a minute: adopted if its owner is dead", async () => {
    await store.enqueue("a", { status: "ACTIVE", worker_id: "rrq_worker_9_dead00" }, OLD);
    await me.claim();
    expect(await store.hash("a")).toMatchObject({ status: "PENDING", rescues: "1" });
    expect((await me.claim()).jobs).toHaveLength(1);
  });
});

describe("[trap 20, trap 23] a job is claimed only where it can run", () => {
  test("a runner without a free slot: its jobs stay, others behind them are claimed", async () => {
    await store.enqueue("full", { function_name: "busy#work" }, NOW - 1_000);
    await store.enqueue("free");
    const claim = await me.claim({ slots: new Map([["main", 5], ["busy", 0]]) });
    expect(claim.jobs.map(({ id }) => id)).toEqual(["free"]);
    expect(claim.saturated).toBe(true);
    expect(await store.queued()).toEqual(["full"]);
  });

  test("no more than the free slots of each runner", async () => {
    for (let n = 0; n < 4; n++) await store.enqueue(`a${n}`, { function_name: "alt#work" });
    for (let n = 0; n < 4; n++) await store.enqueue(`m${n}`);
    const claim = await me.claim({ slots: new Map([["main", 1], ["alt", 2]]) });
    expect(claim.jobs.map(({ id }) => id)).toEqual(["a0", "a1", "m0"]);
    expect(claim.saturated).toBe(true);
  });

  test("a runner that is not started here: its jobs stay and are named", async () => {
    await store.enqueue("a", { function_name: "rust#work" });
    expect(await me.claim()).toMatchObject({ jobs: [], unservable: [["a", "rust"]] });
    expect(await store.queued()).toEqual(["a"]);
  });

  test.each(["", "main#", "#work"])("the name %j goes to the runner of its queue", async (name) => {
    await store.enqueue("a", { function_name: name });
    expect((await me.claim()).jobs).toHaveLength(1);
  });
});
