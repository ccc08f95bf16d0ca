import { type ExecutionOutcome, outcome } from "@rrq/protocol";
import { ManualClock } from "@rrq/protocol/runtime";
import { describe, expect, test } from "vitest";
import { type AbortReason, CANCELLED, DEADLINE_EXCEEDED, SHUTTING_DOWN } from "./abort-reasons.ts";
import type { JobContext } from "./job-context.ts";
import { createRegistry, type Registry } from "./registry.ts";
import { RunningJob } from "./run-job.ts";
import { keptLog } from "./test-support/lines.ts";
import { buildRequest, type RequestChange } from "./test-support/requests.ts";

/** One job under a clock that a test moves; `events` is what its listener heard. */
class Bench {
  readonly clock = new ManualClock(Date.parse("2025-06-01T00:00:00Z"));
  readonly events: (ExecutionOutcome | "ended")[] = [];
  readonly registry: Registry = createRegistry();

  start(change: RequestChange = {}, functionName = "job"): RunningJob {
    const job = new RunningJob(
      buildRequest(functionName, change),
      { registry: this.registry, clock: this.clock, log: keptLog().log, telemetry: null, abortGraceMs: 2_000 },
      {
        answer: (_request, told) => {
          this.events.push(told);
          return told;
        },
        ended: () => void this.events.push("ended"),
      },
      { answered: () => undefined, ended: () => undefined },
    );
    job.begin();
    return job;
  }

  /** Registers a handler that ends when the test says so. */
  held(): { ctx: () => JobContext; resolve: (value?: unknown) => void; reject: (error: unknown) => void } {
    const called: { ctx?: JobContext; resolve?: (value: unknown) => void; reject?: (error: unknown) => void } = {};
    this.registry.register("job", (_params, ctx) => {
      called.ctx = ctx;
      return new Promise((resolve, reject) => Object.assign(called, { resolve, reject }));
    });
    return {
      ctx: () => called.ctx ?? expect.fail("the handler was not called"),
      resolve: (value) => called.resolve?.(value),
      reject: (error) => called.reject?.(error),
    };
  }

  /** Lets promises settle. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
  }
}

const DAY_MS = 86_400_000;

describe("[runner §4] one request, one answer", () => {
  test.each<[string, () => unknown, ExecutionOutcome]>([
    ["returns at once", () => 1, outcome.success(1)],
    ["returns a promise", async () => 2, outcome.success(2)],
    ["returns a thenable that is no promise", () => ({ then: (done: (value: unknown) => void) => done(3) }), outcome.success(3)],
    ["returns a promise of a promise", () => Promise.resolve(Promise.resolve(4)), outcome.success(4)],
    ["returns nothing", () => undefined, outcome.success(null)],
  ])("a handler that %s is answered for, and its slot is free", async (_title, handler, expected) => {
    const bench = new Bench();
    bench.registry.register("job", handler);
    bench.start();
    await bench.settle();
    expect(bench.events).toEqual([expected, "ended"]);
  });

  test("[trap 36] a thenable that answers twice and then throws is answered for once", async () => {
    const bench = new Bench();
    bench.registry.register("job", () => ({
      then: (done: (value: unknown) => void, fail: (error: unknown) => void) => {
        done(1);
        done(2);
        fail(new Error("late"));
        throw new Error("later");
      },
    }));
    bench.start();
    await bench.settle();
    expect(bench.events).toEqual([outcome.success(1), "ended"]);
  });

  test("[trap 36] a promise whose own `then` calls back twice is answered for once", async () => {
    const bench = new Bench();
    bench.registry.register("job", () =>
      Object.assign(Promise.resolve(), {
        then: (done: (value: unknown) => void) => {
          done(1);
          done(2);
        },
      }),
    );
    bench.start();
    await bench.settle();
    expect(bench.events).toEqual([outcome.success(1), "ended"]);
  });

  test("an unknown handler is told at once", () => {
    const bench = new Bench();
    bench.start({}, "nope");
    expect(bench.events).toEqual([outcome.handlerNotFound("nope"), "ended"]);
  });

  test("a job that ended leaves no timer", async () => {
    const bench = new Bench();
    bench.registry.register("job", () => 1);
    bench.start({ timeoutMs: 60_000 });
    await bench.settle();
    expect(bench.clock.pending).toBe(0);
  });
});

describe("[runner §4] deadlines", () => {
  test.each<[string, RequestChange]>([
    ["a deadline in the past", { deadline: "2025-05-31T23:59:59.999Z" }],
    ["a deadline that is now", { deadline: "2025-06-01T00:00:00Z" }],
    ["no time left", { timeoutMs: 0 }],
    ["less than no time left", { timeoutMs: -5 }],
  ])("%s: the handler is not called", (_title, change) => {
    const bench = new Bench();
    let called = false;
    bench.registry.register("job", () => void (called = true));
    bench.start(change);
    expect(bench.events).toEqual([outcome.timeout("Job deadline exceeded"), "ended"]);
    expect(called).toBe(false);
  });

  test.each<[string, RequestChange, number]>([
    ["a deadline", { deadline: "2025-06-01T00:00:05Z" }, 5_000],
    ["a deadline with an offset", { deadline: "2025-06-01T02:00:05+02:00" }, 5_000],
    ["the milliseconds of our orchestrator", { timeoutMs: 3_000 }, 3_000],
    ["[trap 42] milliseconds, whatever the deadline of a skewed clock says", { timeoutMs: 3_000, deadline: "2025-05-01T00:00:00Z" }, 3_000],
  ])("%s: at that time the signal fires, not before", async (_title, change, limitMs) => {
    const bench = new Bench();
    const handler = bench.held();
    bench.start(change);
    const { signal, deadline } = handler.ctx();
    expect(deadline).toEqual(new Date(bench.clock.now() + limitMs));
    await bench.clock.advance(limitMs - 1);
    expect(signal.aborted).toBe(false);
    await bench.clock.advance(1);
    expect(signal.reason).toBe(DEADLINE_EXCEEDED);
  });

  test("[runner §4.2] a handler that then ends is answered for as timed out, with the reserved type", async () => {
    const bench = new Bench();
    const handler = bench.held();
    bench.start({ timeoutMs: 1_000 });
    await bench.clock.advance(1_000);
    expect(bench.events).toEqual([]);
    handler.resolve("too late");
    await bench.settle();
    expect(bench.events).toEqual([
      { type: "timeout", error: { message: "Job execution timed out", type: "timeout" } },
      "ended",
    ]);
  });

  test("[design §8] a handler that ignores its signal is answered for after the grace, as still running", async () => {
    const bench = new Bench();
    const handler = bench.held();
    bench.start({ timeoutMs: 1_000 });
    await bench.clock.advance(2_999);
    expect(bench.events).toEqual([]);
    await bench.clock.advance(1);
    expect(bench.events).toEqual([outcome.timeout("Job execution timed out", { stillRunning: true })]);
    handler.reject(new Error("at last"));
    await bench.settle();
    expect(bench.events.slice(1)).toEqual(["ended"]);
  });

  test("[trap 42] a deadline more than 24.8 days away does not fire at once", async () => {
    const bench = new Bench();
    const handler = bench.held();
    bench.start({ timeoutMs: 40 * DAY_MS });
    await bench.clock.advance(39 * DAY_MS);
    expect(handler.ctx().signal.aborted).toBe(false);
    await bench.clock.advance(DAY_MS);
    expect(handler.ctx().signal.aborted).toBe(true);
  });

  test("a handler that blocked its thread beyond the deadline timed out, though no timer could fire", async () => {
    const bench = new Bench();
    let now = 0;
    const blocked = new RunningJob(
      buildRequest("job", { timeoutMs: 1_000 }),
      {
        registry: bench.registry.register("job", () => { now = 1_000; return "late"; }),
        clock: Object.assign(new ManualClock(), { monotonic: () => now }),
        log: keptLog().log, telemetry: null, abortGraceMs: 2_000,
      },
      { answer: (_request, told) => { bench.events.push(told); return told; }, ended: () => void bench.events.push("ended") },
      { answered: () => undefined, ended: () => undefined },
    );
    blocked.begin();
    expect(bench.events).toEqual([outcome.timeout(), "ended"]);
  });

  test("no limit: the handler may run for ever", async () => {
    const bench = new Bench();
    const handler = bench.held();
    bench.start();
    expect(handler.ctx().deadline).toBeNull();
    await bench.clock.advance(400 * DAY_MS);
    expect(bench.events).toEqual([]);
  });

  test("[wire §4] a deadline that cannot be read is an error", () => {
    const bench = new Bench();
    bench.held();
    bench.start({ deadline: "tomorrow" });
    expect(bench.events).toEqual([outcome.failure("Invalid deadline timestamp"), "ended"]);
  });
});

describe("[runner §5] cancel", () => {
  test.each<[string, AbortReason, string]>([
    ["cancel", CANCELLED, "Job cancelled"],
    ["end of the runner", SHUTTING_DOWN, "Runner is shutting down"],
  ])("the signal tells the reason, and what the handler makes of it is ignored: %s", async (_title, reason, message) => {
    const bench = new Bench();
    const handler = bench.held();
    const job = bench.start();
    job.abort(reason);
    expect(handler.ctx().signal.reason).toBe(reason);
    handler.resolve(outcome.success("done all the same"));
    await bench.settle();
    expect(bench.events).toEqual([{ type: "cancelled", error: { message, type: "cancelled" } }, "ended"]);
    expect(bench.clock.pending).toBe(0);
  });

  test("[trap 22] a handler that ignores it keeps its slot until it really ends", async () => {
    const bench = new Bench();
    const handler = bench.held();
    const job = bench.start();
    job.abort(CANCELLED);
    await bench.clock.advance(2_000);
    expect(bench.events).toEqual([outcome.cancelled("Job cancelled", { stillRunning: true })]);
    await bench.clock.advance(DAY_MS);
    expect(bench.events).toHaveLength(1);
    handler.resolve();
    await bench.settle();
    expect(bench.events.slice(1)).toEqual(["ended"]);
  });

  test("a signal that is first read after the cancel has fired already", async () => {
    const bench = new Bench();
    const handler = bench.held();
    bench.start().abort(CANCELLED);
    expect(handler.ctx().signal).toMatchObject({ aborted: true, reason: CANCELLED });
  });

  test("the first reason stays, and a deadline after a cancel changes nothing", async () => {
    const bench = new Bench();
    const handler = bench.held();
    const job = bench.start({ timeoutMs: 1_000 });
    job.abort(CANCELLED);
    job.abort(SHUTTING_DOWN);
    await bench.clock.advance(1_500);
    expect(handler.ctx().signal.reason).toBe(CANCELLED);
    expect(bench.events).toEqual([]);
    await bench.clock.advance(500);
    expect(bench.events).toEqual([outcome.cancelled("Job cancelled", { stillRunning: true })]);
  });

  test("without grace the answer is out when abort returns, also while one is under way", () => {
    for (const first of [[], [CANCELLED]]) {
      const bench = new Bench();
      bench.held();
      const job = bench.start();
      for (const reason of first) job.abort(reason);
      job.abort(SHUTTING_DOWN, 0);
      const told = first.length === 0 ? "Runner is shutting down" : "Job cancelled";
      expect(bench.events).toEqual([outcome.cancelled(told, { stillRunning: true })]);
      expect(bench.clock.pending).toBe(0);
    }
  });

  test("a signal's listener that aborts again does not make a second answer", () => {
    const bench = new Bench();
    const handler = bench.held();
    const job = bench.start();
    handler.ctx().signal.addEventListener("abort", () => job.abort(SHUTTING_DOWN, 0));
    job.abort(CANCELLED, 0);
    expect(bench.events).toEqual([outcome.cancelled("Job cancelled", { stillRunning: true })]);
  });

  test("[wire §8.5] a job that ended is not cancelled any more", async () => {
    const bench = new Bench();
    bench.registry.register("job", () => 1);
    const job = bench.start();
    job.abort(CANCELLED);
    expect(bench.events).toEqual([outcome.success(1), "ended"]);
  });

  test("a handler that stops through its signal gets an AbortError with the reason in words", async () => {
    const bench = new Bench();
    const handler = bench.held();
    bench.start().abort(CANCELLED);
    expect(() => handler.ctx().signal.throwIfAborted()).toThrow(expect.objectContaining({ name: "AbortError", message: "Job cancelled" }));
  });
});
