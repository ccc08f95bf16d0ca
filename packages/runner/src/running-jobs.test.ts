import { type ExecutionOutcome, outcome } from "@rrq/protocol";
import { ManualClock } from "@rrq/protocol/runtime";
import { beforeEach, describe, expect, test } from "vitest";
import { CANCELLED, SHUTTING_DOWN } from "./abort-reasons.ts";
import { createRegistry } from "./registry.ts";
import type { JobListener } from "./run-job.ts";
import { RunningJobs } from "./running-jobs.ts";
import { keptLog } from "./test-support/lines.ts";
import { buildRequest, type RequestChange } from "./test-support/requests.ts";

let clock: ManualClock;
let answers: [requestId: string, told: ExecutionOutcome][];
let called: string[];
/** Ends the handler of a request. */
let end: Map<string, () => void>;

const listener = (): JobListener => ({
  answer: ({ requestId }, told) => {
    answers.push([requestId, told]);
    return told;
  },
  ended: () => undefined,
});

beforeEach(() => {
  clock = new ManualClock();
  answers = [];
  called = [];
  end = new Map();
});

function runningJobs(maxInFlight: number): RunningJobs {
  const registry = createRegistry()
    .register("held", (_params, { requestId }) => {
      called.push(requestId);
      return new Promise<null>((resolve) => end.set(requestId, () => resolve(null)));
    })
    .register("quick", (_params, { requestId }) => void called.push(requestId));
  return new RunningJobs({ registry, clock, log: keptLog().log, telemetry: null, abortGraceMs: 2_000 }, maxInFlight);
}

const start = (jobs: RunningJobs, requestId: string, change: RequestChange = {}, functionName = "held") =>
  jobs.start(buildRequest(functionName, { requestId, ...change }), listener());

const endOf = async (requestId: string): Promise<void> => {
  end.get(requestId)?.();
  await clock.advance(0);
};

describe("[runner §10] a limit of the whole process queues", () => {
  test("further jobs wait their turn, in the order they came", async () => {
    const jobs = runningJobs(2);
    for (const id of ["a", "b", "c", "d"]) start(jobs, id);
    expect(called).toEqual(["a", "b"]);
    await endOf("b");
    expect(called).toEqual(["a", "b", "c"]);
    await endOf("a");
    expect(called).toEqual(["a", "b", "c", "d"]);
  });

  test("[trap 22] an answered handler that still runs takes up its slot", async () => {
    const jobs = runningJobs(1);
    start(jobs, "a").abort(CANCELLED);
    start(jobs, "b");
    await clock.advance(2_000);
    expect(answers).toEqual([["a", outcome.cancelled("Job cancelled", { stillRunning: true })]]);
    expect(called).toEqual(["a"]);
    await endOf("a");
    expect(called).toEqual(["a", "b"]);
  });

  test("the time of a waiting job runs: it is answered for unstarted", async () => {
    const jobs = runningJobs(1);
    start(jobs, "a");
    start(jobs, "b", { timeoutMs: 1_000 });
    await clock.advance(1_000);
    expect(answers).toEqual([["b", outcome.timeout("Job deadline exceeded")]]);
    await endOf("a");
    expect(called).toEqual(["a"]);
    expect(jobs.size).toBe(0);
  });

  test("a waiting job that is cancelled is answered for at once and never starts", async () => {
    const jobs = runningJobs(1);
    start(jobs, "a");
    start(jobs, "b").abort(CANCELLED);
    expect(answers).toEqual([["b", outcome.cancelled()]]);
    await endOf("a");
    expect(called).toEqual(["a"]);
  });

  test("thousands of waiting jobs that end at once do not pile up calls", async () => {
    const jobs = runningJobs(1);
    start(jobs, "a");
    for (let n = 0; n < 20_000; n += 1) start(jobs, `q${n}`, {}, "quick");
    await endOf("a");
    expect(called).toHaveLength(20_001);
    expect(jobs.size).toBe(0);
  });
});

describe("[wire §8.5] whom a cancel means", () => {
  test.each<[string, { jobId: string; requestId: string | null }, string[]]>([
    ["one request; the job id is not compared", { jobId: "other", requestId: "b" }, ["b"]],
    ["without a request id every request of the job", { jobId: "j1", requestId: null }, ["a", "b"]],
    ["an unknown request", { jobId: "j1", requestId: "z" }, []],
    ["an empty request id is one that nobody has", { jobId: "j1", requestId: "" }, []],
    ["an unknown job", { jobId: "j9", requestId: null }, []],
  ])("%s", async (_title, target, expected) => {
    const jobs = runningJobs(10);
    start(jobs, "a", { jobId: "j1" });
    start(jobs, "b", { jobId: "j1" });
    start(jobs, "c", { jobId: "j2" });
    expect(jobs.cancel(target, CANCELLED)).toBe(expected.length);
    await clock.advance(2_000);
    expect(answers.map(([requestId]) => requestId)).toEqual(expected);
  });

  test("[wire §8.3] of an id that is in flight twice both", () => {
    const jobs = runningJobs(10);
    start(jobs, "a");
    start(jobs, "a");
    expect(jobs.cancel({ jobId: "", requestId: "a" }, CANCELLED)).toBe(2);
  });
});

describe("[runner §7] ending", () => {
  test("all are aborted; those that wait never start and are told that the runner is busy", async () => {
    const jobs = runningJobs(1);
    for (const id of ["a", "b"]) start(jobs, id);
    jobs.abortAll(SHUTTING_DOWN);
    await endOf("a");
    expect(called).toEqual(["a"]);
    expect(answers).toEqual([
      ["b", outcome.failure("Runner busy: too many in-flight requests")],
      ["a", outcome.cancelled("Runner is shutting down")],
    ]);
  });

  test("without grace all are answered when it returns", () => {
    const jobs = runningJobs(2);
    for (const id of ["a", "b", "c"]) start(jobs, id);
    jobs.abortAll(SHUTTING_DOWN, 0);
    expect(answers).toHaveLength(3);
  });

  test("answered() resolves when the last answer is out", async () => {
    const jobs = runningJobs(2);
    start(jobs, "a");
    start(jobs, "b");
    let done = false;
    const waiting = jobs.answered(60_000).then(() => (done = true));
    await endOf("a");
    expect(done).toBe(false);
    await endOf("b");
    await waiting;
    expect(clock.pending).toBe(0);
  });

  test("answered() gives up at its limit", async () => {
    const jobs = runningJobs(2);
    start(jobs, "a");
    const waiting = jobs.answered(60_000);
    await clock.advance(60_000);
    await waiting;
    expect(answers).toEqual([]);
  });
});
