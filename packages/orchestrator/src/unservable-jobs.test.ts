import type { HeartbeatReading } from "@rrq/protocol/redis";
import { ManualClock } from "@rrq/protocol/runtime";
import { describe, expect, test } from "vitest";
import { silentLog } from "./testing/silent-log.ts";
import { createUnservable, type Unservable } from "./unservable-jobs.ts";

const reading: HeartbeatReading = {
  workerId: "other",
  status: null,
  queues: null,
  activeJobs: null,
  concurrencyLimit: null,
  at: null,
  runners: null,
  rates: null,
};
const ours = (...names: string[]): HeartbeatReading => ({
  ...reading,
  runners: Object.fromEntries(names.map((name) => [name, { slots: 1, busy: 0 }])),
});

/** What is dead-lettered of `jobs`, beside these live workers, by one that knows `main` and `idle`. */
async function see(live: readonly HeartbeatReading[], ...rounds: (readonly Unservable[])[]): Promise<string[][]> {
  const clock = new ManualClock(1_000);
  const written: string[][] = [];
  const onUnservable = createUnservable({
    store: {
      deadLetterQueued: (_queue, jobs) => {
        if (jobs.length > 0) written.push(jobs.map(({ id, reason }) => `${id}: ${reason}`));
        return Promise.resolve();
      },
    },
    workers: { liveWorkers: () => Promise.resolve(live) },
    known: new Set(["main", "idle"]),
    clock,
    log: silentLog,
  });
  for (const jobs of rounds) {
    onUnservable("rrq:queue:default", jobs);
    await clock.advance(100);
  }
  return written;
}

describe("[trap 20] a queued job whose runner is not started here", () => {
  test("stays while its runner is in our file", async () => {
    expect(await see([ours("main")], [["a", "idle"]])).toEqual([]);
  });

  test("stays while a live worker serves it", async () => {
    expect(await see([ours("main"), ours("rust")], [["a", "rust"]])).toEqual([]);
  });

  test("stays beside a worker of upstream's, which lists no runners", async () => {
    expect(await see([ours("main"), reading], [["a", "rust"]])).toEqual([]);
  });

  test("is dead-lettered with the reason when nobody could ever take it", async () => {
    expect(await see([ours("main")], [["a", "rust"], ["b", "idle"], ["c", "go"]])).toEqual([
      ["a: No runner configured for 'rust'.", "c: No runner configured for 'go'."],
    ]);
  });

  test("nobody is asked about the same runner again at once", async () => {
    expect(await see([ours("main")], [["a", "rust"]], [["b", "rust"]])).toEqual([["a: No runner configured for 'rust'."]]);
  });
});
