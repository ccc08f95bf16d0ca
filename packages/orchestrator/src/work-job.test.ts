import { type ExecutionOutcome, type ExecutionRequest, JsonText, outcome, RrqError, type RrqErrorCode, type Runner } from "@rrq/protocol";
import { ManualClock } from "@rrq/protocol/runtime";
import { describe, expect, test } from "vitest";
import { RunnerSlots } from "./runner-slots.ts";
import { CANCELLED, LEASE_LOST, SHUTTING_DOWN, type StopReason } from "./running-jobs.ts";
import { noTelemetry } from "./telemetry/telemetry.ts";
import { buildJob } from "./testing/build-job.ts";
import { silentLog } from "./testing/silent-log.ts";
import { workJob } from "./work-job.ts";
import type { EndStore } from "./write-end.ts";

const NOW = Date.UTC(2026, 0, 1);
const never = new AbortController().signal;

/** Works one job with a runner that ends as `execute` says; answers what was written. */
async function work(
  execute: Runner["execute"],
  options: { job?: Parameters<typeof buildJob>[0]; stopped?: StopReason; failures?: number; givingUp?: AbortSignal } = {},
) {
  const clock = new ManualClock(NOW);
  const written: unknown[][] = [];
  const requests: ExecutionRequest[] = [];
  let failures = options.failures ?? 0;
  const write =
    (kind: string) =>
    (_job: unknown, ...what: unknown[]) => {
      if (failures-- > 0) return Promise.reject(new Error("Redis is away"));
      written.push([kind, ...what]);
      return Promise.resolve("done" as const);
    };
  const store: EndStore = {
    complete: write("complete"),
    retry: write("retry"),
    deadLetter: write("dead-letter"),
    release: write("release"),
  };
  const stopping = new AbortController();
  const slots = new RunnerSlots({
    execute: (request, signal) => {
      requests.push(request);
      if (options.stopped !== undefined) stopping.abort(options.stopped);
      return execute(request, signal);
    },
    close: () => Promise.resolve(),
  });
  const working = workJob(
    buildJob(options.job),
    {
      store,
      runners: new Map([["main", slots]]),
      routes: { byQueue: new Map(), defaultRunner: "main" },
      policy: { baseMs: 5_000, maxMs: 60_000, jitter: 0, retryOnTimeout: false },
      workerId: "me",
      clock,
      random: () => 0,
      telemetry: noTelemetry,
      log: silentLog,
    },
    { signal: stopping.signal, answered: () => undefined },
    options.givingUp ?? never,
  );
  await clock.advance(60_000);
  return { end: await working, written, requests, held: slots.held };
}

const says = (value: ExecutionOutcome): Runner["execute"] => () => Promise.resolve(value);
const fails = (code: RrqErrorCode): Runner["execute"] => () => Promise.reject(new RrqError(code, "because"));

describe("[orchestrator §4] one job", () => {
  test("is asked for with everything a handler may know", async () => {
    const { requests } = await work(says(outcome.success()), {
      job: { functionName: "main#send", retries: 1, fence: 7, traceContext: { traceparent: "00-1" }, params: new JsonText('{"n":1.0}') },
    });
    expect(requests).toMatchObject([
      {
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        jobId: "job",
        functionName: "send",
        params: { text: '{"n":1.0}' },
        context: {
          jobId: "job",
          attempt: 2,
          enqueueTime: "2026-01-01T00:00:00Z",
          queueName: "rrq:queue:default",
          deadline: "2026-01-01T00:00:30.000Z",
          traceContext: { traceparent: "00-1" },
          correlationContext: null,
          workerId: "me",
          timeoutMs: 30_000,
          fence: 7,
        },
      },
    ]);
  });

  test.each<[string, Runner["execute"], unknown[]]>([
    ["a result goes on as it came", says(outcome.success(new JsonText("1.0"))), ["complete", new JsonText("1.0")]],
    ["a plain result is written as JSON", says(outcome.success({ ok: 1 })), ["complete", new JsonText('{"ok":1}')]],
    ["a result that JSON cannot hold fails the attempt", says(outcome.success(1n)), ["retry", NOW + 5_000, expect.stringContaining("BigInt")]],
    ["a failure is retried", says(outcome.failure("boom")), ["retry", NOW + 5_000, "boom"]],
    ["a missing handler is dead-lettered", says(outcome.handlerNotFound("x")), ["dead-letter", "No handler registered for function 'x'"]],
    ["[design §8] a lost runner costs an attempt", fails("RUNNER_LOST"), ["retry", NOW + 5_000, "Runner transport error: because"]],
    ["[design §8] so does an answer that came too late", fails("RESPONSE_TIMEOUT"), ["retry", NOW + 5_000, "Runner transport error: because"]],
    ["[trap 14] so does a broken answer", fails("INVALID_RESPONSE"), ["retry", NOW + 5_000, "Runner transport error: because"]],
    ["[trap 10] so does whatever else is thrown", () => Promise.reject(new Error("bug")), ["retry", NOW + 5_000, "Runner transport error: bug"]],
    ["[trap 10] also what is thrown at once", () => { throw new Error("bug"); }, ["retry", NOW + 5_000, "Runner transport error: bug"]],
    ["[trap 19] a runner that cannot be reached costs none", fails("RUNNER_UNAVAILABLE"), ["release", "because"]],
    ["[design §8] a busy answer costs none", fails("RUNNER_BUSY"), ["release", "because"]],
    ["[trap 13] a neighbour's overrun costs none", fails("RUNNER_REPLACED"), ["release", "because"]],
    ["[trap 15] a request that no frame holds is dead-lettered", fails("TOO_LARGE"), ["dead-letter", "because"]],
  ])("%s", async (_title, execute, expected) => {
    const { written, end, held } = await work(execute);
    expect(written).toEqual([expected]);
    expect(end).toBe("done");
    expect(held).toBe(0);
  });

  test.each([
    ["a name without a handler is dead-lettered", { functionName: "main#" }, "dead-letter"],
    ["a runner that is not started here: back to the queue", { functionName: "rust#work" }, "release"],
    ["[trap 6] a time of enqueue that is no time is dead-lettered", { enqueueTime: "2026-13-45T00:00:00Z" }, "dead-letter"],
  ])("%s", async (_title, job, kind) => {
    const { written } = await work(says(outcome.success()), { job });
    expect(written).toMatchObject([[kind, expect.any(String)]]);
  });
});

describe("[design §1] an attempt that we ended", () => {
  test.each<[string, StopReason, Runner["execute"], string]>([
    ["goes back at a shutdown", SHUTTING_DOWN, says(outcome.cancelled()), "release"],
    ["goes back whatever the handler made of the cancel", SHUTTING_DOWN, says(outcome.failure("aborted")), "release"],
    ["goes back when its process was ended", SHUTTING_DOWN, fails("RUNNER_LOST"), "release"],
    ["goes back to be ended as CANCELLED, when that was asked", CANCELLED, says(outcome.cancelled()), "release"],
    ["a success that arrives first wins", CANCELLED, says(outcome.success()), "complete"],
  ])("%s", async (_title, stopped, execute, kind) => {
    const { written } = await work(execute, { stopped, job: { retries: 2 } });
    expect(written).toMatchObject([[kind, expect.anything()]]);
  });

  test("[trap 2] of a job that is not ours any more: nothing is written", async () => {
    const { written, end } = await work(says(outcome.success()), { stopped: LEASE_LOST });
    expect(written).toEqual([]);
    expect(end).toBe("lease-lost");
  });
});

describe("[trap 1] while Redis cannot write the end", () => {
  test("it is kept and written when Redis is back", async () => {
    const { written, end } = await work(says(outcome.success(new JsonText("1"))), { failures: 5 });
    expect(written).toEqual([["complete", new JsonText("1")]]);
    expect(end).toBe("done");
  });

  test("it is given up only at the end of a shutdown; the job is adopted later", async () => {
    const { written, end } = await work(says(outcome.success()), { failures: Infinity, givingUp: AbortSignal.abort() });
    expect(written).toEqual([]);
    expect(end).toBe("unwritten");
  });
});
