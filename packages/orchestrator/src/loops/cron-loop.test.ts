import type { CronJobSettings } from "@rrq/protocol/config";
import { ManualClock } from "@rrq/protocol/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseSchedule } from "../core/cron-schedule.ts";
import { createCronStore } from "../store/cron-store.ts";
import { noTelemetry } from "../telemetry/telemetry.ts";
import { openStore, QUEUE, type TestStore } from "../testing/open-store.ts";
import { silentLog } from "../testing/silent-log.ts";
import { CronLoop } from "./cron-loop.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openStore();
});
afterEach(() => store[Symbol.asyncDispose]());

const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);
const defaults = { queue: QUEUE, dlq: "rrq:dlq:default", maxAttempts: 5, timeoutSeconds: 300, resultTtlSeconds: 60 };

/** A worker with one cron entry, its clock at `now`. */
function open(now: string, change: Partial<CronJobSettings> = {}) {
  const clock = new ManualClock(at(now));
  const settings: CronJobSettings = {
    name: "report",
    functionName: "report",
    schedule: "0 * * * * *",
    paramsJson: '{"rate":1.0}',
    queueName: QUEUE,
    unique: false,
    timezone: "UTC",
    misfire: "skip",
    ...change,
  };
  const cron = new CronLoop({
    entries: [{ settings, schedule: parseSchedule(settings.schedule, settings.timezone) }],
    store: createCronStore(store.redis, { workerId: `w-${now}`, defaults, clock }),
    clock,
    telemetry: noTelemetry,
    log: silentLog,
  });
  return {
    cron,
    clock,
    /** Steps of the loop as its own sleeps would have them, up to `until`. */
    runTo: async (until: string) => {
      for (;;) {
        const pauseMs = await cron.step();
        const left = at(until) - clock.now();
        if (left <= 0) return;
        await clock.advance(Math.min(Math.max(pauseMs, 1), left));
      }
    },
  };
}

const waiting = () => store.queued();

describe("[trap 25] cron", () => {
  test("a slot makes a job with the entry's function, params and queue, and the defaults", async () => {
    await open("09:00:30", { queueName: "rrq:queue:mail" }).runTo("09:01:00");
    const [id = ""] = await store.queued("rrq:queue:mail");
    expect(await store.hash(id)).toMatchObject({
      function_name: "report",
      job_params: '{"rate":1.0}',
      status: "PENDING",
      queue_name: "rrq:queue:mail",
      max_retries: "5",
      job_timeout_seconds: "300",
      result_ttl_seconds: "60",
    });
  });

  test.each([
    ["30 0 9 * * *", 1],
    ["15 * * * * *", 10],
    ["*/10 * * * * *", 60],
  ])("%s fires %i times in ten minutes, once each slot", async (schedule, times) => {
    await open("08:55:00", { schedule }).runTo("09:05:00");
    expect(await waiting()).toHaveLength(times);
  });

  test("[trap 26] three workers out of phase fire each slot once", async () => {
    const fleet = ["09:00:10", "09:00:21", "09:00:33"].map((now) => open(now));
    for (const worker of fleet) await worker.cron.step(); // each knows now where it came in
    for (const worker of fleet) await worker.runTo("09:05:00");
    expect(await waiting()).toHaveLength(5);
  });

  test("the first start of an entry has missed nothing", async () => {
    await open("09:00:30").cron.step();
    expect(await waiting()).toEqual([]);
  });
});

describe("[trap 28] slots that passed while nobody was there", () => {
  test("are skipped by default; the next one fires", async () => {
    await open("09:00:30").runTo("09:01:00");
    await open("09:10:45").runTo("09:11:00");
    expect(await waiting()).toHaveLength(2);
  });

  test("make one job with misfire = once, once in the fleet", async () => {
    await open("09:00:30", { misfire: "once" }).runTo("09:01:00");
    await Promise.all(["09:10:45", "09:10:46"].map((now) => open(now, { misfire: "once" }).cron.step()));
    expect(await waiting()).toHaveLength(2);
  });

  test("of one process, stopped or blocked for a while, count as such", async () => {
    const worker = open("09:00:30", { misfire: "once" });
    await worker.runTo("09:01:00");
    await worker.clock.advance(5 * 60_000 + 45_000);
    await worker.cron.step();
    expect(await waiting()).toHaveLength(2);
  });

  test("a slot that Redis could not take is tried again", async () => {
    const worker = open("09:00:30");
    await worker.cron.step();
    await worker.clock.advance(30_000);
    await store.redis.set(QUEUE, "of another type");
    expect(await worker.cron.step()).toBe(1_000);
    await store.redis.del(QUEUE);
    await worker.clock.advance(1_000);
    await worker.cron.step();
    expect(await waiting()).toHaveLength(1);
  });
});

describe("[design §3] unique cron entries", () => {
  test("no new job while the last one is not finished; then the next slot fires at once", async () => {
    const worker = open("09:00:30", { unique: true });
    await worker.runTo("09:03:30");
    const [id = ""] = await waiting();
    expect(await waiting()).toHaveLength(1);
    await store.redis.hset(`rrq:job:${id}`, "status", "COMPLETED");
    await worker.runTo("09:04:00");
    expect(await waiting()).toHaveLength(2);
  });

  test("two entries of one function do not hold each other up", async () => {
    await open("09:00:30", { unique: true, name: "a" }).runTo("09:01:00");
    await open("09:00:30", { unique: true, name: "b" }).runTo("09:01:00");
    expect(await waiting()).toHaveLength(2);
  });

  test("a holder whose job is gone holds nothing up", async () => {
    const worker = open("09:00:30", { unique: true });
    await worker.runTo("09:01:00");
    const [id = ""] = await waiting();
    await store.redis.del(`rrq:job:${id}`);
    await worker.runTo("09:02:00");
    expect(await waiting()).toHaveLength(2);
  });
});
