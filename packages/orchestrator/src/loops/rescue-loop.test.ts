import { ManualClock } from "@rrq/protocol/runtime";
import { beforeEach, describe, expect, test } from "vitest";
import type { Adoption } from "../store/scripts/adopt-job.ts";
import { noTelemetry } from "../telemetry/telemetry.ts";
import { silentLog } from "../testing/silent-log.ts";
import { RescueLoop } from "./rescue-loop.ts";

/** Worker `me` among others; each dead one has ids to adopt. */
function open() {
  const clock = new ManualClock(1_000_000);
  const fleet = {
    dead: [] as string[],
    nextExpiryMs: null as number | null,
    upstream: [] as string[],
    active: new Map<string, string[]>(),
    locked: new Set<string>(),
    alive: new Set<string>(),
    adopted: [] as string[],
    forgotten: [] as string[],
    foreign: 0,
    troubledUntil: -Infinity,
  };
  const rescue = new RescueLoop({
    store: {
      deadWorkers: () => Promise.resolve({ dead: fleet.dead, ours: ["me", ...fleet.dead], nextExpiryMs: fleet.nextExpiryMs }),
      scanActiveSets: () => Promise.resolve({ cursor: "0", workerIds: fleet.upstream }),
      idsOf: (workerId, from, count) => Promise.resolve((fleet.active.get(workerId) ?? []).slice(from, from + count)),
      adopt: (workerId, ids) => {
        if (fleet.alive.has(workerId)) return Promise.resolve(ids.map((): Adoption => "alive"));
        const left = (fleet.active.get(workerId) ?? []).filter((id) => !ids.includes(id) || fleet.locked.has(id));
        fleet.active.set(workerId, left);
        const adoptions = ids.map((id): Adoption => (fleet.locked.has(id) ? "waiting" : "queued"));
        fleet.adopted.push(...ids.filter((id) => !fleet.locked.has(id)));
        return Promise.resolve(adoptions);
      },
      forget: (workerId) => {
        fleet.forgotten.push(workerId);
        return Promise.resolve(true);
      },
    },
    leaseMs: 15_000,
    troubledUntil: () => fleet.troubledUntil,
    onForeignWorker: () => {
      fleet.foreign++;
    },
    clock,
    telemetry: noTelemetry,
    log: silentLog,
  });
  return { clock, fleet, rescue };
}

let opened: ReturnType<typeof open>;
beforeEach(() => {
  opened = open();
});
const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `job-${n}`);

describe("[trap 8] the rescue loop", () => {
  test("adopts all jobs of a dead worker, however many, and forgets it", async () => {
    const { fleet, rescue } = opened;
    fleet.dead = ["dead"];
    fleet.active.set("dead", ids(230));
    await rescue.step();
    expect(fleet.adopted).toEqual(ids(230));
    expect(fleet.forgotten).toEqual(["dead"]);
  });

  test("[trap 31] steps over jobs that upstream has locked", async () => {
    const { fleet, rescue } = opened;
    fleet.dead = ["dead"];
    fleet.active.set("dead", ids(120));
    for (const id of ids(60)) fleet.locked.add(id);
    await rescue.step();
    expect(fleet.adopted).toEqual(ids(120).slice(60));
  });

  test("takes nothing from a worker that turns out to be alive", async () => {
    const { fleet, rescue } = opened;
    fleet.upstream = ["alive"];
    fleet.alive.add("alive");
    fleet.active.set("alive", ids(3));
    await rescue.step();
    expect(fleet.adopted).toEqual([]);
  });

  test("takes from upstream's dead workers too, and never from itself", async () => {
    const { fleet, rescue } = opened;
    fleet.upstream = ["me", "upstream"];
    fleet.active.set("me", ["mine"]).set("upstream", ["theirs"]);
    await rescue.step();
    expect(fleet.adopted).toEqual(["theirs"]);
    expect(fleet.foreign).toBe(1);
  });

  test.each([
    ["right after the first lease that would run out", 2_000, 2_030],
    ["not more often than four times a second", 1, 250],
    ["every third of a lease, however long the leases are", 14_000, 5_000],
    ["every third of a lease, when it is alone", null, 5_000],
  ])("looks again %s", async (_title, nextExpiryMs, expected) => {
    opened.fleet.nextExpiryMs = nextExpiryMs;
    expect(await opened.rescue.step()).toBe(expected);
  });

  test("[design §8] after a stall of Redis nobody is adopted for a whole lease", async () => {
    const { fleet, rescue, clock } = opened;
    fleet.dead = ["dead"];
    fleet.active.set("dead", ids(1));
    fleet.troubledUntil = clock.monotonic() + 3_000;
    expect(await rescue.step()).toBe(3_000);
    expect(fleet.adopted).toEqual([]);
    await clock.advance(3_000);
    await rescue.step();
    expect(fleet.adopted).toEqual(ids(1));
  });

  test("goes on after errors, until it is stopped", async () => {
    const { fleet, rescue, clock } = opened;
    const stop = new AbortController();
    fleet.forgotten = null as never; // makes the first look throw
    fleet.dead = ["dead"];
    const running = rescue.run(stop.signal);
    await clock.advance(0);
    fleet.forgotten = [];
    await clock.advance(5_000);
    expect(fleet.forgotten).toEqual(["dead"]);
    stop.abort();
    await running;
  });
});
