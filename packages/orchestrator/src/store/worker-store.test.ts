import { JsonText } from "@rrq/protocol";
import { keys } from "@rrq/protocol/redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NOW, openStore, QUEUE, type TestStore, type TestWorker } from "../testing/open-store.ts";

let store: TestStore;
let me: TestWorker;
let other: TestWorker;
beforeEach(async () => {
  store = await openStore();
  me = await store.openWorker("rrq_worker_1_aaaaaa");
  other = await store.openWorker("rrq_worker_2_bbbbbb");
});
afterEach(() => store[Symbol.asyncDispose]());

describe("[design §2] the lease", () => {
  test("a heartbeat with the TTL of the lease, and a place in our index", async () => {
    expect(await store.redis.get(keys.health(me.workerId))).toBe("{}");
    expect(await store.redis.ttl(keys.health(me.workerId))).toBe(15);
    expect((await store.redis.smembers(keys.workers)).sort()).toEqual([me.workerId, other.workerId]);
  });

  test("may last a fraction of a second", async () => {
    const brief = await store.openWorker("rrq_worker_3_cccccc", { leaseMs: 500 });
    expect(await store.redis.pttl(keys.health(brief.workerId))).toBeLessThanOrEqual(500);
  });

  test("a renewal says whether the lease had run out", async () => {
    expect(await me.worker.renew('{"status":"polling"}')).toBe("held");
    expect(await store.redis.get(keys.health(me.workerId))).toBe('{"status":"polling"}');
    await store.kill(me.workerId);
    expect(await me.worker.renew("{}")).toBe("lapsed");
    expect(await me.worker.renew("{}")).toBe("held");
  });

  test("what we hold of the jobs that run here", async () => {
    for (const id of ["held", "lost", "cancel"]) await store.enqueue(id);
    const { jobs } = await me.claim();
    await store.redis.hset(keys.job("lost"), "worker_id", other.workerId);
    await store.redis.hset(keys.job("cancel"), "cancel", "1");
    const holdings = await me.worker.check(jobs);
    expect(Object.fromEntries(jobs.map(({ id }, index) => [id, holdings[index]]))).toEqual({
      held: "held",
      lost: "lost",
      cancel: "cancel",
    });
  });

  test("leaving ends it at once; our name stays in the index while something of ours is left to adopt", async () => {
    await store.enqueue("a");
    await me.claimOne();
    await me.worker.leave();
    expect(await store.redis.exists(keys.health(me.workerId))).toBe(0);
    expect(await store.redis.sismember(keys.workers, me.workerId)).toBe(1);
    await other.worker.leave();
    expect(await store.redis.sismember(keys.workers, other.workerId)).toBe(0);
  });
});

describe("finding the dead", () => {
  test("[trap 32] those of our index without a heartbeat, and when the next would run out", async () => {
    expect(await me.worker.deadWorkers()).toMatchObject({ dead: [], nextExpiryMs: expect.any(Number) as number });
    await store.kill(other.workerId);
    expect(await me.worker.deadWorkers()).toEqual({
      dead: [other.workerId],
      ours: expect.arrayContaining([me.workerId, other.workerId]) as string[],
      nextExpiryMs: null,
    });
  });

  test("upstream's by a SCAN that goes step by step", async () => {
    await store.redis.zadd(keys.active("rrq_worker_9_upstrm"), 1, "a");
    const found: string[] = [];
    let cursor = "0";
    do {
      const step = await me.worker.scanActiveSets(cursor);
      found.push(...step.workerIds);
      ({ cursor } = step);
    } while (cursor !== "0");
    expect(found).toEqual(["rrq_worker_9_upstrm"]);
  });

  test("a dead worker is forgotten once nothing of it is left", async () => {
    await store.enqueue("a");
    await other.claimOne();
    await store.kill(other.workerId);
    expect(await me.worker.forget(other.workerId)).toBe(false);
    await me.worker.adopt(other.workerId, ["a"]);
    expect(await me.worker.forget(other.workerId)).toBe(true);
    expect(await me.worker.forget(me.workerId)).toBe(false);
  });
});

describe("[trap 8] adopting the jobs of a dead worker", () => {
  beforeEach(async () => {
    await store.enqueue("a", { current_retries: "1" });
    await other.claimOne();
    await store.kill(other.workerId);
  });
  const adopt = async () => (await me.worker.adopt(other.workerId, ["a"]))[0];
  const tracked = () => store.redis.zscore(keys.active(other.workerId), "a");

  test("[design §1] the job runs again at once, and no attempt is charged", async () => {
    expect(await adopt()).toBe("queued");
    const hash = await store.hash("a");
    expect(hash).toMatchObject({ status: "PENDING", current_retries: "1", rescues: "1" });
    expect(hash).not.toHaveProperty("worker_id");
    expect(await store.queued()).toEqual(["a"]);
    expect(await tracked()).toBeNull();
    expect((await me.claimOne()).id).toBe("a");
  });

  test("[trap 3] the heartbeat is looked at inside the script: a live worker keeps its jobs", async () => {
    await other.worker.renew("{}");
    expect(await adopt()).toBe("alive");
    expect(await store.hash("a")).toMatchObject({ status: "ACTIVE", worker_id: other.workerId });
    expect(await tracked()).not.toBeNull();
  });

  test("[trap 3] a job that was completed meanwhile is not run again", async () => {
    await store.redis.hset(keys.job("a"), "status", "COMPLETED");
    expect(await adopt()).toBe("left");
    expect(await store.queued()).toEqual([]);
    expect(await tracked()).toBeNull();
  });

  test("a job that another worker owns by now stays there", async () => {
    await store.redis.hset(keys.job("a"), "worker_id", "rrq_worker_3_cccccc");
    expect(await adopt()).toBe("left");
    expect(await store.hash("a")).toMatchObject({ status: "ACTIVE", worker_id: "rrq_worker_3_cccccc" });
    expect(await tracked()).toBeNull();
  });

  test.each([
    ["a lock of upstream's is honoured", async () => store.redis.set(keys.lock("a"), "rrq_worker_9_up"), "waiting", "ACTIVE"],
    ["completed by us before: COMPLETED", async () => store.redis.hset(keys.job("a"), "closed", "1"), "completed", "COMPLETED"],
    ["asked to cancel: CANCELLED", async () => store.redis.hset(keys.job("a"), "cancel", "1"), "cancelled", "CANCELLED"],
    ["the hash is gone", async () => store.redis.del(keys.job("a")), "left", undefined],
    ["[trap 4] the key holds something else", async () => store.redis.multi().del(keys.job("a")).set(keys.job("a"), "x").exec(), "left", "wrong type"],
    ["PENDING in no queue: it gets a home", async () => store.redis.hset(keys.job("a"), "status", "PENDING"), "left", "PENDING"],
  ])("%s", async (_title, change, expected, status) => {
    await change();
    expect(await adopt()).toBe(expected);
    if (status !== "wrong type") expect((await store.hash("a"))["status"]).toBe(status);
    expect(await store.queued()).toEqual(status === "PENDING" ? ["a"] : []);
    expect((await tracked()) !== null).toBe(expected === "waiting");
  });

  test("rescued more than max_rescues times: dead-lettered with the reason", async () => {
    await store.redis.hset(keys.job("a"), "rescues", "3");
    expect(await adopt()).toBe("dead-lettered");
    const hash = await store.hash("a");
    expect(hash).toMatchObject({ status: "FAILED", current_retries: "1" });
    expect(hash["last_error"]).toContain("3 times");
    expect(await store.redis.lrange("rrq:dlq:default", 0, -1)).toEqual(["a"]);
    expect(await store.queued()).toEqual([]);
  });

  test("[trap 4] one that Redis refuses leaves the others alone", async () => {
    await store.redis.hset(keys.job("a"), "queue_name", "broken");
    await store.redis.set("rrq:queue:broken", "text");
    await store.enqueue("b");
    await other.worker.renew("{}");
    await other.claimOne();
    await store.kill(other.workerId);
    const [first, second] = await me.worker.adopt(other.workerId, ["a", "b"]);
    expect(first).toMatchObject({ code: "WRONG_TYPE", message: expect.stringContaining("rrq:queue:broken") as string });
    expect(second).toBe("queued");
    expect(await tracked()).not.toBeNull();
  });
});

describe("[trap 7] settling what no one runs", () => {
  const settle = async (fence = String(NOW)) => (await me.worker.settle([{ id: "a", fence }]))[0];
  const tracked = async () => (await me.worker.activeIds()).includes("a");

  beforeEach(async () => {
    await store.enqueue("a", { current_retries: "1" });
    await me.claimOne();
  });

  test("a claim whose answer was lost: the job goes back, and no attempt is charged", async () => {
    expect(await me.worker.fencesOf(["a", "gone"])).toEqual([{ id: "a", fence: String(NOW) }, { id: "gone", fence: "" }]);
    expect(await settle()).toBe("released");
    expect(await store.hash("a")).toMatchObject({ status: "PENDING", current_retries: "1" });
    expect(await store.queued()).toEqual(["a"]);
    expect(await tracked()).toBe(false);
  });

  test("a later claim of ours is kept", async () => {
    expect(await settle(String(NOW - 1))).toBe("kept");
    expect(await store.hash("a")).toMatchObject({ status: "ACTIVE" });
    expect(await tracked()).toBe(true);
  });

  test.each([
    ["owned by another", { worker_id: "rrq_worker_3_cccccc" }, [], "ACTIVE"],
    ["ended", { status: "COMPLETED" }, [], "COMPLETED"],
    ["RETRYING in no queue: it gets a home at its time", { status: "RETRYING", next_scheduled_run_time: "2026-01-01T13:00:00.5+00:00" }, ["a"], "RETRYING"],
    ["PENDING but closed", { status: "PENDING", closed: "1" }, [], "COMPLETED"],
    ["PENDING but asked to cancel", { status: "PENDING", cancel: "1" }, [], "CANCELLED"],
  ])("%s", async (_title, fields, queued, status) => {
    await store.redis.hset(keys.job("a"), fields);
    expect(await settle()).toBe("left");
    expect(await store.queued()).toEqual(queued);
    expect(await store.hash("a")).toMatchObject({ status });
    expect(await tracked()).toBe(false);
    if (queued.length > 0) expect(await store.redis.zscore(QUEUE, "a")).toBe(String(Date.UTC(2026, 0, 1, 13, 0, 0, 500)));
  });

  test("upstream is between two commands: wait", async () => {
    await store.redis.hset(keys.job("a"), "status", "PENDING");
    await store.redis.set(keys.lock("a"), "rrq_worker_9_up");
    expect(await settle()).toBe("waiting");
    expect(await tracked()).toBe(true);
  });

  test("a job that waits in its queue already keeps its place", async () => {
    await store.redis.hset(keys.job("a"), "status", "PENDING");
    await store.redis.zadd(QUEUE, NOW + 99, "a");
    expect(await settle()).toBe("left");
    expect(await store.redis.zscore(QUEUE, "a")).toBe(String(NOW + 99));
  });

  test("an end whose answer was lost: nothing of ours is left, nothing changes", async () => {
    const [job] = await Promise.all([me.claim()]).then(([claim]) => claim.jobs);
    expect(job).toBeUndefined();
    await store.redis.hset(keys.job("a"), "status", "COMPLETED", "result", new JsonText("1").text);
    expect(await settle()).toBe("left");
    expect(await store.hash("a")).toMatchObject({ status: "COMPLETED", result: "1" });
  });
});

describe("the audit of jobs in no place", () => {
  const dead = { status: "ACTIVE", worker_id: "rrq_worker_9_dead00" };

  test.each<[string, Record<string, string>, string, string | undefined]>([
    ["PENDING in no queue gets a home", {}, "queued", "PENDING"],
    ["RETRYING in no queue gets a home", { status: "RETRYING" }, "queued", "RETRYING"],
    ["[trap 1] ACTIVE of a dead owner that does not track it is adopted", dead, "queued", "PENDING"],
    ["ACTIVE of nobody is adopted", { status: "ACTIVE" }, "queued", "PENDING"],
    ["rescued too often: dead-lettered", { ...dead, rescues: "3" }, "dead-lettered", "FAILED"],
  ])("%s", async (_title, fields, expected, status) => {
    await store.enqueue("a", fields);
    await store.redis.zrem(QUEUE, "a");
    expect(await me.worker.findMisplaced(["a"])).toEqual(["a"]);
    expect(await me.worker.place(["a"])).toEqual([expected]);
    expect(await store.hash("a")).toMatchObject({ status });
    expect(await store.queued()).toEqual(expected === "queued" ? ["a"] : []);
  });

  test.each<[string, Record<string, string>, (id: string) => Promise<unknown>]>([
    ["waits in its queue", {}, () => Promise.resolve()],
    ["is locked by upstream", {}, (id) => store.redis.multi().zrem(QUEUE, id).set(keys.lock(id), "w").exec()],
    ["is tracked by a dead owner, whose rescue it is", dead, (id) => store.redis.zadd(keys.active("rrq_worker_9_dead00"), 1, id)],
    ["is owned by a live worker", { status: "ACTIVE", worker_id: "rrq_worker_2_bbbbbb" }, (id) => store.redis.zrem(QUEUE, id)],
    ["has ended", { status: "COMPLETED" }, (id) => store.redis.zrem(QUEUE, id)],
    ["is no job", {}, (id) => store.redis.multi().del(keys.job(id)).set(keys.job(id), "x").exec()],
  ])("left alone: it %s", async (_title, fields, change) => {
    await store.enqueue("a", fields);
    await change("a");
    expect(await me.worker.findMisplaced(["a"])).toEqual([]);
    expect(await me.worker.place(["a"])).toEqual(["left"]);
  });

  test("is one worker's at a time", async () => {
    expect(await me.worker.takeAuditTurn(60_000)).toBe(true);
    expect(await other.worker.takeAuditTurn(60_000)).toBe(false);
  });

  test("goes through the jobs step by step", async () => {
    for (const id of ["a", "b", "c"]) await store.enqueue(id);
    const found: string[] = [];
    let cursor = "0";
    do {
      const step = await me.worker.scanJobs(cursor);
      found.push(...step.ids);
      ({ cursor } = step);
    } while (cursor !== "0");
    expect(found.sort()).toEqual(["a", "b", "c"]);
  });
});

test("[trap 20] what live workers tell, ours and upstream's", async () => {
  await me.worker.renew('{"worker_id":"me","runners":{"main":{"slots":2,"busy":1}}}');
  await store.redis.set(keys.health("upstream"), '{"worker_id":"upstream","status":"polling"}');
  await store.redis.set(keys.health("broken"), "not json");
  const live = await me.worker.liveWorkers();
  expect(live.find(({ workerId }) => workerId === "me")?.runners).toEqual({ main: { slots: 2, busy: 1 } });
  expect(live.find(({ workerId }) => workerId === "upstream")?.runners).toBeNull();
  expect(live).toHaveLength(4);
});

test.each([
  ["2026-01-01T12:00:00Z", Date.UTC(2026, 0, 1, 12)],
  ["2024-02-29T23:59:59.999999999+00:00", Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
  ["2026-03-01T00:00:00+05:30", Date.UTC(2026, 1, 28, 18, 30)],
  ["1999-12-31T20:00:00.5-04:00", Date.UTC(2000, 0, 1, 0, 0, 0, 500)],
  ["1970-01-01t00:00:00z", 0],
  ["soon", NOW],
])("a home is given at the due time: %s", async (text, expected) => {
  await store.enqueue("a");
  await me.claimOne();
  await store.redis.hset(keys.job("a"), "status", "RETRYING", "next_scheduled_run_time", text);
  await me.worker.settle([{ id: "a", fence: String(NOW) }]);
  expect(Number(await store.redis.zscore(QUEUE, "a"))).toBe(expected);
});
