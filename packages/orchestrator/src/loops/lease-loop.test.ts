import { ManualClock } from "@rrq/protocol/runtime";
import { beforeEach, describe, expect, test } from "vitest";
import { CANCELLED, LEASE_LOST, RunningJobs } from "../running-jobs.ts";
import type { Holding } from "../store/scripts/check-jobs.ts";
import type { Stray } from "../store/worker-store.ts";
import { buildJob } from "../testing/build-job.ts";
import { silentLog } from "../testing/silent-log.ts";
import { LeaseLoop } from "./lease-loop.ts";

/** A lease of 15 s on a store that answers as its fields say. */
function open() {
  const clock = new ManualClock(1_000_000);
  const running = new RunningJobs();
  const redis = {
    away: false,
    renewals: 0,
    key: "held" as "held" | "lapsed",
    holdings: new Map<string, Holding>(),
    active: [] as Stray[],
    settled: [] as Stray[],
    awayMs: [] as number[],
  };
  const answer = <T>(value: T): Promise<T> => (redis.away ? Promise.reject(new Error("away")) : Promise.resolve(value));
  const lease = new LeaseLoop({
    store: {
      renew: () => {
        redis.renewals += redis.away ? 0 : 1;
        return answer(redis.key);
      },
      check: (jobs) => answer(jobs.map(({ id }) => redis.holdings.get(id) ?? "held")),
      activeIds: () => answer(redis.active.map(({ id }) => id)),
      fencesOf: (ids) => answer(redis.active.filter(({ id }) => ids.includes(id))),
      settle: (strays) => {
        redis.settled.push(...strays);
        return answer(strays.map(() => "released" as const));
      },
    },
    running,
    leaseMs: 15_000,
    heartbeat: () => "{}",
    onAway: (ms) => redis.awayMs.push(ms),
    clock,
    log: silentLog,
  });
  return { clock, running, redis, lease };
}

let opened: ReturnType<typeof open>;
beforeEach(() => {
  opened = open();
});

describe("[design §2] the lease loop", () => {
  test("renews at once and every third of the lease, and goes on after errors", async () => {
    const { lease, clock, redis } = opened;
    const stop = new AbortController();
    const running = lease.run(stop.signal);
    await clock.advance(0);
    expect(redis.renewals).toBe(1);
    redis.away = true;
    await clock.advance(5_000);
    redis.away = false;
    await clock.advance(10_000);
    expect(redis.renewals).toBe(3);
    expect(redis.awayMs).toEqual([5_000]);
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  test("nobody is adopted for one lease after a renewal that came late", async () => {
    const { lease, clock } = opened;
    await lease.renew();
    await clock.advance(15_001);
    expect(lease.troubledUntil).toBeLessThan(clock.monotonic());
    await lease.renew();
    expect(lease.troubledUntil).toBe(clock.monotonic() + 15_000);
  });

  test("a renewal in time is no trouble", async () => {
    const { lease, clock } = opened;
    await lease.renew();
    await clock.advance(14_999);
    await lease.renew();
    expect(lease.troubledUntil).toBeLessThan(clock.monotonic());
  });

  test("[trap 2] a job that another adopted is ended here; one that should be cancelled is cancelled", async () => {
    const { lease, running, redis } = opened;
    const signals = ["held", "lost", "cancel"].map((id) => running.add(buildJob({ id })).signal);
    redis.holdings.set("lost", "lost").set("cancel", "cancel");
    await lease.step();
    expect(signals.map((signal) => (signal.aborted ? (signal.reason as string) : null))).toEqual([null, LEASE_LOST, CANCELLED]);
  });
});

test("[trap 2] a lease that ran out is taken again, and what was adopted meanwhile is ended before the next claim", async () => {
  const { lease, running, redis } = opened;
  const { signal } = running.add(buildJob({ id: "adopted" }));
  redis.key = "lapsed";
  redis.holdings.set("adopted", "lost");
  await lease.renew();
  expect(signal.reason).toBe(LEASE_LOST);
});

test("a job whose end is being written is not taken for lost", async () => {
  const { lease, running, redis } = opened;
  const execution = running.add(buildJob({ id: "ended" }));
  redis.holdings.set("ended", "lost");
  execution.answered();
  await lease.step();
  expect(execution.signal.aborted).toBe(false);
});

describe("[design §2] reconcile", () => {
  test("what is in our active set and runs nowhere is settled when two rounds saw it with one fence", async () => {
    const { lease, redis } = opened;
    redis.active = [{ id: "a", fence: "1" }];
    await lease.step();
    expect(redis.settled).toEqual([]);
    await lease.step();
    expect(redis.settled).toEqual([{ id: "a", fence: "1" }]);
  });

  test("a new claim in between starts the count again", async () => {
    const { lease, redis } = opened;
    redis.active = [{ id: "a", fence: "1" }];
    await lease.step();
    redis.active = [{ id: "a", fence: "2" }];
    await lease.step();
    expect(redis.settled).toEqual([]);
  });

  test("what runs here is left alone", async () => {
    const { lease, redis, running } = opened;
    running.add(buildJob({ id: "a" }));
    redis.active = [{ id: "a", fence: "1" }];
    await lease.step();
    await lease.step();
    expect(redis.settled).toEqual([]);
  });
});
