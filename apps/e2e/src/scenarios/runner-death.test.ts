import { keys } from "@rrq/protocol/redis";
import { describe, expect, test } from "vitest";
import { enqueuedIds } from "../testing/enqueued-ids.ts";
import { eventually } from "../testing/eventually.ts";
import { openStory, type Story } from "../testing/story.ts";

/** Fills a runner process with jobs that go on until the door opens, and answers their ids and its process id. */
async function occupy(story: Story, count: number): Promise<{ ids: string[]; pid: number }> {
  const ids = enqueuedIds(await story.producer.enqueueMany(Array.from({ length: count }, () => ({ job: "hold", params: {} }))));
  const starts = await eventually(async () => {
    const seen = await story.starts();
    expect(seen).toHaveLength(count);
    return seen;
  });
  return { ids, pid: starts[0]?.pid ?? 0 };
}

describe("a runner process that is killed in mid-job", () => {
  test("[trap 21] its jobs run elsewhere within a second, and each spends one attempt", async () => {
    await using story = await openStory();
    const runners = { main: await story.runner("main", { pool_size: 2, max_in_flight: 4 }) };
    const config = await story.config({ runners });
    await story.startWorker(config);
    const { ids, pid } = await occupy(story, 4);
    const struck = (await story.starts()).filter((start) => start.pid === pid).map(({ jobId }) => jobId);
    expect(struck.length).toBeGreaterThan(0);

    const killedAt = Date.now();
    process.kill(pid, "SIGKILL");
    await eventually(async () => expect(await secondStarts(story, struck)).toHaveLength(struck.length));
    const last = Math.max(...(await secondStarts(story, struck)).map(({ at }) => at));
    expect(last - killedAt).toBeLessThan(1_000);

    await story.openDoor();
    for (const id of ids) {
      const end = await story.producer.waitForJob(id, { timeoutSeconds: 15 });
      const attempt = struck.includes(id) ? 2 : 1;
      expect(end).toMatchObject({ kind: "finished", job: { status: "COMPLETED", result: { attempt } } });
    }
  });

  test("[trap 21] it is replaced, also when nothing ran on it", async () => {
    await using story = await openStory();
    await story.startWorker(await story.config());
    const pid = await runnerPid(story);
    process.kill(pid, "SIGKILL");
    await eventually(async () => expect(await runnerPid(story)).not.toBe(pid));
  });

  test("[trap 12] it is replaced also if that takes longer than the jobs that wait for it may run", async () => {
    await using story = await openStory();
    const runners = { main: await story.runner("main", {}, { STORY_START_MS: "1500" }) };
    await story.startWorker(await story.config({ runners }));
    process.kill(await runnerPid(story), "SIGKILL");
    const { jobId } = await story.producer.enqueue("where", {}, { timeoutSeconds: 1 });
    const end = await story.producer.waitForJob(jobId, { timeoutSeconds: 15 });
    expect(end).toMatchObject({ kind: "finished", job: { status: "COMPLETED" } });
  });

  test("[design §8] a job that kills its runner each time ends in the dead-letter queue", async () => {
    await using story = await openStory();
    await story.startWorker(await story.config());
    const { jobId } = await story.producer.enqueue("crash", {}, { maxAttempts: 2 });
    const end = await story.producer.waitForJob(jobId, { timeoutSeconds: 30 });
    expect(end).toMatchObject({ kind: "finished", job: { status: "FAILED" } });
    expect(await story.starts(jobId)).toHaveLength(2);
    expect(await story.database.redis.lrange(keys.dlq("default"), 0, -1)).toEqual([jobId]);
  });
});

async function secondStarts(story: Story, ids: readonly string[]) {
  return (await story.starts()).filter(({ jobId, attempt }) => ids.includes(jobId) && attempt === 2);
}

async function runnerPid(story: Story): Promise<number> {
  const { jobId } = await story.producer.enqueue("where", {});
  await story.producer.waitForJob(jobId, { timeoutSeconds: 15 });
  return (await story.starts(jobId))[0]?.pid ?? 0;
}
