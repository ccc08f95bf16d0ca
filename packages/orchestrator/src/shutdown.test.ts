import { ManualClock } from "@rrq/protocol/runtime";
import { beforeEach, describe, expect, test } from "vitest";
import { RunningJobs } from "./running-jobs.ts";
import { shutDown } from "./shutdown.ts";
import { buildJob } from "./testing/build-job.ts";
import { silentLog } from "./testing/silent-log.ts";

/** A worker with running jobs; what it does in its shutdown, and when. */
function open() {
  const clock = new ManualClock();
  const running = new RunningJobs();
  const steps: string[] = [];
  const step = (name: string) => () => {
    steps.push(`${clock.now()} ${name}`);
    return Promise.resolve();
  };
  const cut = new AbortController();
  let closeRunners = step("close runners");
  const shut = () =>
    shutDown(
      {
        stopClaiming: step("stop claiming"),
        running,
        graceMs: 10_000,
        abortGraceMs: 2_000,
        closeRunners: () => closeRunners(),
        giveUp: () => {
          steps.push(`${clock.now()} give up`);
          for (const job of running.executing()) running.delete(job);
        },
        stopLiving: step("stop living"),
        leave: step("leave"),
        clock,
        log: silentLog,
      },
      cut.signal,
    );
  /** A job that runs until it is told to stop, and then for `ms` more; for ever if there are none. */
  const runJob = (ms: number | null) => {
    const job = buildJob();
    const { signal } = running.add(job);
    signal.addEventListener("abort", () => {
      steps.push(`${clock.now()} cancel: ${String(signal.reason)}`);
      if (ms !== null) clock.after(ms, () => running.delete(job));
    });
    return job;
  };
  const onRunnersClosed = (close: () => void): void => {
    closeRunners = async () => {
      await step("close runners")();
      close();
    };
  };
  return { clock, running, steps, cut, shut, runJob, onRunnersClosed };
}

let opened: ReturnType<typeof open>;
beforeEach(() => {
  opened = open();
});

describe("[orchestrator §12] a shutdown", () => {
  test("without jobs is over at once, in order", async () => {
    await opened.shut();
    expect(opened.steps).toEqual(["0 stop claiming", "0 close runners", "0 give up", "0 stop living", "0 leave"]);
    expect(opened.clock.pending).toBe(0);
  });

  test("waits for running jobs, and cancels none that ends within the grace", async () => {
    const { clock, running, runJob, shut, steps } = opened;
    const job = runJob(null);
    const shutting = shut();
    clock.after(9_000, () => running.delete(job));
    await clock.advance(9_000);
    await shutting;
    expect(steps).toEqual(["0 stop claiming", "9000 close runners", "9000 give up", "9000 stop living", "9000 leave"]);
  });

  test("cancels what still runs after the grace", async () => {
    const { clock, runJob, shut, steps } = opened;
    runJob(500);
    const shutting = shut();
    await clock.advance(10_500);
    await shutting;
    expect(steps).toContain("10000 cancel: SHUTTING_DOWN");
    expect(steps).toContain("10500 close runners");
  });

  test("[trap 9] ends the runner of a handler that ignores its cancel, and then still puts the job back", async () => {
    const { clock, running, runJob, shut, steps, onRunnersClosed } = opened;
    const job = runJob(null);
    onRunnersClosed(() => running.delete(job));
    const shutting = shut();
    await clock.advance(12_000);
    await shutting;
    expect(steps.slice(-4)).toEqual(["12000 close runners", "12000 give up", "12000 stop living", "12000 leave"]);
  });

  test("[trap 9] a second signal cuts the grace", async () => {
    const { clock, cut, runJob, shut, steps } = opened;
    runJob(100);
    const shutting = shut();
    await clock.advance(1_000);
    cut.abort();
    await clock.advance(100);
    await shutting;
    expect(steps[1]).toBe("1000 cancel: SHUTTING_DOWN");
  });

  test("an end that Redis does not take holds it up for a while only", async () => {
    const { clock, runJob, shut, steps } = opened;
    runJob(null);
    const shutting = shut();
    await clock.advance(14_000);
    await shutting;
    expect(steps).toContain("14000 give up");
  });
});
