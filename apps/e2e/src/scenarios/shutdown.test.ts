import { keys } from "@rrq/protocol/redis";
import { describe, expect, test } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { openStory, type Story } from "../testing/story.ts";

/** A short lease, so that heartbeats tell soon what is going on. */
const patient = { worker_shutdown_grace_period_seconds: 30, lease_seconds: 2 };

describe("an orchestrator that gets SIGTERM", () => {
  test("[design §3] waits for what runs, starts nothing more, and exits 0", async () => {
    await using story = await openStory();
    const runners = { main: await story.runner("main", { max_in_flight: 1 }) };
    const worker = await story.startWorker(await story.config({ rrq: patient, runners }));
    const running = await hold(story);
    const waiting = await story.producer.enqueue("where", {});

    worker.signal("SIGTERM");
    await eventually(async () => expect(await story.database.redis.get(keys.health(await workerOf(story, running)))).toContain("stopping"));
    await story.openDoor();
    expect(await worker.exited).toEqual({ code: 0 });
    expect(await story.producer.getJob(running)).toMatchObject({ status: "COMPLETED" });
    expect(await story.producer.getJob(waiting.jobId)).toMatchObject({ status: "PENDING" });
  });

  test("[design §1] [redis §4.16] puts back what the grace cuts, without an attempt, and the next one runs it", async () => {
    await using story = await openStory();
    const config = await story.config({ rrq: { worker_shutdown_grace_period_seconds: 0.2 } });
    const worker = await story.startWorker(config);
    const running = await hold(story);
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0 });
    expect(await story.database.redis.hgetall(keys.job(running))).toMatchObject({ status: "PENDING", current_retries: "0" });
    expect(await story.database.redis.zrange(keys.queue("default"), "0", "-1")).toEqual([running]);

    await story.openDoor();
    await story.startWorker(config);
    const end = await story.producer.waitForJob(running, { timeoutSeconds: 15 });
    expect(end).toMatchObject({ kind: "finished", job: { status: "COMPLETED", result: { attempt: 1 } } });
  });

  test("[trap 9] ends the grace at the second signal, also with a handler that ignores everything", async () => {
    await using story = await openStory();
    const rrq = { ...patient, abort_grace_ms: 200, runner_shutdown_term_grace_seconds: 0.5 };
    const worker = await story.startWorker(await story.config({ rrq }));
    const running = await hold(story, "overrun");
    worker.signal("SIGTERM");
    await eventually(async () => expect(await story.database.redis.get(keys.health(await workerOf(story, running)))).toContain("stopping"));
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0 });
    expect(await story.database.redis.hgetall(keys.job(running))).toMatchObject({ status: "PENDING", current_retries: "0" });
  });

  test.each<NodeJS.Signals>(["SIGTERM", "SIGINT", "SIGHUP"])("[design §8] leaves nothing behind after %s", async (signal) => {
    await using story = await openStory();
    const worker = await story.startWorker(await story.config());
    worker.signal(signal);
    expect(await worker.exited).toEqual({ code: 0 });
    expect(await story.database.redis.keys("*")).toEqual([]);
  });
});

/** A job that runs until the door opens. */
async function hold(story: Story, job = "hold"): Promise<string> {
  const { jobId } = await story.producer.enqueue(job, {});
  await eventually(async () => expect(await story.starts(jobId)).toHaveLength(1));
  return jobId;
}

async function workerOf(story: Story, jobId: string): Promise<string> {
  return (await story.database.redis.hget(keys.job(jobId), "worker_id")) ?? "";
}

