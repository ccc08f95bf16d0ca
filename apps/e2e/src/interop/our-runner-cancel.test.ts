import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { openOurRunnerStory, type OurRunnerStory } from "./our-runner-story.ts";

/** Ids of the jobs of `hold` that have started, and what stopped those that were. */
async function look({ told }: OurRunnerStory): Promise<{ readonly pids: Record<string, number>; readonly stopped: Record<string, string> }> {
  const pids: Record<string, number> = {};
  const stopped: Record<string, string> = {};
  for (const what of await told()) {
    if ("started" in what) pids[what.jobId] = what.started;
    else stopped[what.jobId] = what.stopped;
  }
  return { pids, stopped };
}

const CANCELLED = "AbortError: Job cancelled";

describe.skipIf(inject("upstream") === null)("[runner §5] upstream's orchestrator stops handlers of ours", () => {
  test("[wire §8.5] with a cancel frame where an answer is late, and the neighbours on that connection go on", async () => {
    await using opened = await openOurRunnerStory({ main: { max_in_flight: 4, response_timeout_seconds: 1.5 } });
    const { story } = opened;
    await story.producer.enqueue("hold", {}, { id: "late", queue: "main", maxAttempts: 1 });
    // Started well after the other, and so not late when that is.
    await story.producer.enqueue("hold", {}, { id: "neighbour", queue: "main", maxAttempts: 1, delaySeconds: 1 });
    expect(await story.producer.waitForJob("late")).toMatchObject({
      job: { status: "FAILED", error: "Runner transport error: runner response timeout" },
    });
    await eventually(async () => expect((await look(opened)).stopped).toEqual({ late: CANCELLED }));
    await story.openDoor();
    expect(await story.producer.waitForJob("neighbour")).toMatchObject({ job: { status: "COMPLETED", attempts: 1 } });
    await story.producer.enqueue("where", {}, { id: "after", queue: "main" });
    const { pids } = await look(opened);
    expect(await story.producer.waitForJob("after")).toMatchObject({ job: { status: "COMPLETED", result: pids["late"] } });
  });

  test("[wire §8.5] [trap 13] where a job overran its time among others: it alone ends, and their process lives", async () => {
    await using opened = await openOurRunnerStory({ main: { max_in_flight: 8 } });
    const { story } = opened;
    const neighbours = ["a", "b", "c", "d"];
    await story.producer.enqueueMany(neighbours.map((id) => ({ job: "hold", options: { id, queue: "main" } })));
    await eventually(async () => expect(Object.keys((await look(opened)).pids)).toHaveLength(4));
    await story.producer.enqueue("hold", {}, { id: "long", queue: "main", timeoutSeconds: 1 });
    expect(await story.producer.waitForJob("long")).toMatchObject({
      job: { status: "FAILED", error: expect.stringMatching(/timed out/) as string, attempts: 1 },
    });
    const reason = expect.stringMatching(/^AbortError: Job (cancelled|execution timed out)$/) as string;
    await eventually(async () => expect((await look(opened)).stopped).toEqual({ long: reason }));
    await story.openDoor();
    for (const id of neighbours) expect(await story.producer.waitForJob(id)).toMatchObject({ job: { status: "COMPLETED", attempts: 1 } });
    expect(new Set(Object.values((await look(opened)).pids)).size).toBe(1);
  });

  test("[runner §1] where a job overran its time alone: its process ends, and the next job has another", async () => {
    await using opened = await openOurRunnerStory({ main: { max_in_flight: 1 } });
    const { story } = opened;
    await story.producer.enqueue("hold", {}, { id: "long", queue: "main", timeoutSeconds: 1 });
    expect(await story.producer.waitForJob("long")).toMatchObject({ job: { status: "FAILED", error: expect.stringMatching(/timed out/) as string } });
    await story.openDoor();
    await story.producer.enqueue("hold", {}, { id: "next", queue: "main" });
    expect(await story.producer.waitForJob("next")).toMatchObject({ job: { status: "COMPLETED", attempts: 1 } });
    const { pids } = await look(opened);
    expect(Object.keys(pids)).toEqual(["long", "next"]);
  });

  test("[wire §8.5] [runner §7] at its shutdown with cancel hints: the handler is told, and the job waits for the next worker", async () => {
    await using opened = await openOurRunnerStory(
      { main: { max_in_flight: 4 } },
      { runner_enable_inflight_cancel_hints: true, worker_shutdown_grace_period_seconds: 0.2 },
    );
    const { story, worker } = opened;
    await story.producer.enqueue("hold", {}, { id: "a", queue: "main" });
    await eventually(async () => expect((await look(opened)).pids).toHaveProperty("a"));
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0 });
    expect((await look(opened)).stopped).toEqual({ a: CANCELLED });
    expect(await story.database.redis.hmget(keys.job("a"), "status", "current_retries")).toEqual(["PENDING", "0"]);
    expect(await story.database.redis.zcard(keys.queue("main"))).toBe(1);
    expect(await story.database.redis.exists(keys.lock("a"))).toBe(0);
  });

  test("[runner §7] at its shutdown without: a runner whose drainMs fits into what upstream leaves ends in time, and the job waits for the next worker", async () => {
    // The grace and two seconds are all there is, for every process of every pool, one after the other.
    await using opened = await openOurRunnerStory({ main: { max_in_flight: 4 } }, { worker_shutdown_grace_period_seconds: 0.2 }, { DRAIN_MS: "200" });
    const { story, worker } = opened;
    await story.producer.enqueue("hold", {}, { id: "a", queue: "main" });
    await eventually(async () => expect((await look(opened)).pids).toHaveProperty("a"));
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0 });
    expect((await look(opened)).stopped).toEqual({ a: "AbortError: Runner is shutting down" });
    expect(await story.database.redis.hmget(keys.job("a"), "status", "current_retries")).toEqual(["PENDING", "0"]);
    expect(await story.database.redis.exists(keys.lock("a"))).toBe(0);
  });
});
