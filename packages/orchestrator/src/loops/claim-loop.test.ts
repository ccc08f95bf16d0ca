import type { Runner } from "@rrq/protocol";
import { ManualClock } from "@rrq/protocol/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ActiveJob } from "../core/active-job.ts";
import { RunnerSlots } from "../runner-slots.ts";
import type { Claim, ClaimRequest } from "../store/job-store.ts";
import { noTelemetry } from "../telemetry/telemetry.ts";
import { buildJob } from "../testing/build-job.ts";
import { silentLog } from "../testing/silent-log.ts";
import { ClaimLoop } from "./claim-loop.ts";
import { createPollPace } from "./poll-pace.ts";

type Looked = Extract<Claim, { kind: "looked" }>;
const A = "rrq:queue:a";
const B = "rrq:queue:b";

function job(id: string, claimedFrom = A, foreign = false): ActiveJob {
  return buildJob({ id, claimedFrom, queue: claimedFrom, foreign });
}

const NOTHING: Looked = {
  kind: "looked",
  jobs: [],
  next: 0,
  exhausted: true,
  nextDue: null,
  saturated: false,
  unservable: [],
  refused: [],
};

/** A loop on a store whose every claim the test answers. */
function open(queues: readonly string[] = [A], slots = 4) {
  const clock = new ManualClock(1_000);
  const requests: ClaimRequest[] = [];
  const answers: ((claim: Claim | Error) => void)[] = [];
  const started: ActiveJob[] = [];
  const events: string[] = [];
  let free = slots;
  const runner: Runner = { execute: () => new Promise(() => undefined), freeSlots: () => free, close: () => Promise.resolve() };
  const stopping = new AbortController();
  const loop = new ClaimLoop({
    queues,
    store: {
      claim: (request) => {
        requests.push(request);
        return new Promise((resolve, reject) => {
          answers.push((claim) => {
            if (claim instanceof Error) reject(claim);
            else resolve(claim);
          });
        });
      },
    },
    runners: new Map([["main", new RunnerSlots(runner)]]),
    routes: { byQueue: new Map(), defaultRunner: "main" },
    pace: createPollPace(null),
    onForeignJob: () => events.push("foreign"),
    start: (one) => {
      started.push(one);
      free--;
    },
    giveBack: (one) => {
      events.push(`give back ${one.id}`);
      return Promise.resolve();
    },
    renew: () => {
      events.push("renew");
      return Promise.resolve();
    },
    onUnservable: (queue, ids) => events.push(`unservable ${queue} ${ids.join()}`),
    onIdle: () => events.push("idle"),
    clock,
    telemetry: noTelemetry,
    log: silentLog,
  });
  const running = loop.run(stopping.signal);
  return {
    clock,
    loop,
    requests,
    started,
    events,
    /** Answers the claim that is under way, and lets the loop go on. */
    answer: async (claim: Partial<Looked> | "no-lease" | Error = {}) => {
      const respond = answers.shift();
      if (respond === undefined) throw new Error("no claim is under way");
      respond(claim instanceof Error ? claim : claim === "no-lease" ? { kind: "no-lease" } : { ...NOTHING, ...claim });
      await clock.advance(0);
    },
    underWay: () => answers.length,
    free: (count: number) => {
      free += count;
      loop.slotFreed();
    },
    stop: async () => {
      stopping.abort();
      for (const respond of answers.splice(0)) respond(NOTHING);
      await running;
    },
    stopping,
    running,
  };
}

let opened: ReturnType<typeof open>;
afterEach(() => opened.stop());

describe("[orchestrator §3] the claim loop", () => {
  beforeEach(() => {
    opened = open();
  });

  test("looks at once, for as many jobs as there are slots", () => {
    expect(opened.requests).toMatchObject([{ queue: A, max: 4, from: 0, queueRunner: "main", slots: new Map([["main", 4]]) }]);
  });

  test("[trap 30] sleeps while nothing tells of a job, but for a poll every 1.5 s", async () => {
    await opened.answer();
    await opened.clock.advance(1_400);
    expect(opened.requests).toHaveLength(1);
    await opened.clock.advance(200);
    expect(opened.requests).toHaveLength(2);
  });

  test("[trap 29] is woken by an enqueue", async () => {
    await opened.answer();
    opened.loop.wake(A, 0);
    await opened.clock.advance(0);
    expect(opened.requests).toHaveLength(2);
  });

  test("an enqueue while a claim is under way is not missed", async () => {
    opened.loop.wake(A, 0);
    await opened.answer();
    expect(opened.requests).toHaveLength(2);
  });

  test("one claim at a time", async () => {
    opened.loop.wake(A, 0);
    opened.loop.slotFreed();
    await opened.clock.advance(5_000);
    expect(opened.underWay()).toBe(1);
  });

  test("wakes when the next job is due", async () => {
    await opened.answer({ nextDue: 1_700 });
    await opened.clock.advance(699);
    expect(opened.requests).toHaveLength(1);
    await opened.clock.advance(1);
    expect(opened.requests).toHaveLength(2);
  });

  test("an enqueue for later wakes at its time", async () => {
    await opened.answer();
    opened.loop.wake(A, 1_300);
    await opened.clock.advance(299);
    expect(opened.requests).toHaveLength(1);
    await opened.clock.advance(1);
    expect(opened.requests).toHaveLength(2);
  });

  test("goes on at once while there may be more", async () => {
    await opened.answer({ jobs: [job("1"), job("2")], exhausted: false });
    expect(opened.started.map(({ id }) => id)).toEqual(["1", "2"]);
    expect(opened.requests).toHaveLength(2);
    expect(opened.requests[1]).toMatchObject({ max: 2 });
  });

  test("goes on behind ids that cannot be claimed, without taking all of Redis's time", async () => {
    await opened.answer({ exhausted: false, next: 1_000 });
    await opened.clock.advance(99);
    expect(opened.requests).toHaveLength(1);
    await opened.clock.advance(1);
    expect(opened.requests[1]).toMatchObject({ from: 1_000 });
  });

  test("[trap 29] while all slots are taken nothing is claimed; a freed one wakes it", async () => {
    await opened.answer({ jobs: ["1", "2", "3", "4"].map((id) => job(id)), exhausted: false });
    await opened.clock.advance(10_000);
    expect(opened.requests).toHaveLength(1);
    opened.free(1);
    await opened.clock.advance(0);
    expect(opened.requests[1]).toMatchObject({ max: 1 });
  });

  test("a freed slot does not make it look into a queue that it found empty", async () => {
    await opened.answer({ jobs: [job("1")] });
    opened.free(1);
    await opened.clock.advance(0);
    expect(opened.requests).toHaveLength(1);
  });

  test("[trap 23] jobs left for want of a slot of their runner are looked at again when one is freed", async () => {
    await opened.answer({ saturated: true });
    await opened.clock.advance(100);
    expect(opened.requests).toHaveLength(1);
    opened.free(0);
    await opened.clock.advance(0);
    expect(opened.requests).toHaveLength(2);
  });

  test("[trap 5] a failed claim is tried again with growing pauses, and for ever", async () => {
    for (let n = 0; n < 8; n++) {
      await opened.answer(new Error("Redis is away"));
      await opened.clock.advance(2_000);
      expect(opened.requests).toHaveLength(n + 2);
    }
    await opened.answer({ jobs: [job("1")] });
    expect(opened.started).toHaveLength(1);
  });

  test("a lease that ran out is renewed before the next claim", async () => {
    await opened.answer("no-lease");
    expect(opened.events).toEqual(["renew"]);
    expect(opened.requests).toHaveLength(2);
  });

  test("a job claimed while we stop goes back", async () => {
    opened.stopping.abort();
    await opened.answer({ jobs: [job("1")] });
    await opened.running;
    expect(opened.started).toEqual([]);
    expect(opened.events).toEqual(["give back 1"]);
  });

  test("says when it has nothing to do, and what it cannot serve", async () => {
    expect(opened.loop.idle).toBe(false);
    await opened.answer({ unservable: [["x", "rust"]] });
    expect(opened.loop.idle).toBe(true);
    expect(opened.events).toEqual([`unservable ${A} x,rust`, "idle"]);
  });

  test("[design §3] after a job of upstream's producer it polls every 100 ms, for 10 minutes", async () => {
    await opened.answer({ jobs: [job("1", A, true)] });
    expect(opened.events).toContain("foreign");
    await opened.clock.advance(1_500);
    await opened.answer();
    await opened.clock.advance(100);
    expect(opened.requests).toHaveLength(3);
    await opened.answer();
    await opened.clock.advance(100);
    expect(opened.requests).toHaveLength(4);
  });
});

describe("[orchestrator §3.1] several queues", () => {
  test("each gets an equal share, then whoever has more gets the rest", async () => {
    opened = open([A, B], 4);
    await opened.answer({ jobs: [job("1"), job("2")], exhausted: false });
    await opened.answer({ jobs: [job("3", B)] });
    await opened.answer({ jobs: [job("4")], exhausted: false });
    expect(opened.requests).toMatchObject([{ queue: A, max: 2 }, { queue: B, max: 2 }, { queue: A, max: 1 }]);
  });

  test("they take turns in being first", async () => {
    opened = open([A, B], 4);
    await opened.answer();
    await opened.answer();
    opened.loop.wakeAll();
    await opened.clock.advance(0);
    expect(opened.requests[2]).toMatchObject({ queue: B });
  });

  test("a wake for a queue that is not ours is ignored", async () => {
    opened = open([A, B], 4);
    await opened.answer();
    await opened.answer();
    opened.loop.wake("rrq:queue:other", 0);
    await opened.clock.advance(0);
    expect(opened.requests).toHaveLength(2);
  });
});
