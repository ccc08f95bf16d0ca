import { keys } from "@rrq/protocol/redis";
import { describe, expect, test } from "vitest";
import { enqueuedIds } from "../testing/enqueued-ids.ts";
import { eventually } from "../testing/eventually.ts";
import { openStory, type Story } from "../testing/story.ts";

describe("an orchestrator that is killed", () => {
  test("[trap 8] [redis §4.12] its jobs run again within 20 s with the default lease, and spend no attempt", async () => {
    await using story = await openStory();
    const count = 4;
    const { killedAt, ids } = await killInMidJob(story, {}, count);
    await eventually(async () => expect(await story.starts()).toHaveLength(2 * count), 25_000);
    const again = (await story.starts()).slice(count);
    expect(again.map(({ jobId }) => jobId).sort()).toEqual(ids.toSorted());
    expect(again.map(({ attempt }) => attempt)).toEqual(ids.map(() => 1));
    expect(Math.max(...again.map(({ at }) => at)) - killedAt).toBeLessThan(20_000);
    await finish(story, ids);
  });

  test("[trap 8] a short lease brings them back sooner; the second run has the higher fence", async () => {
    await using story = await openStory();
    const { killedAt, ids: [id = ""] } = await killInMidJob(story, { lease_seconds: 2 }, 1);
    const [first, second] = await eventually(async () => {
      const starts = await story.starts(id);
      expect(starts).toHaveLength(2);
      return starts;
    });
    expect((second?.at ?? Infinity) - killedAt).toBeLessThan(7_000);
    expect(second?.fence ?? 0).toBeGreaterThan(first?.fence ?? Infinity);
    await finish(story, [id]);
    expect(await story.database.redis.hget(keys.job(id), "rescues")).toBe("1");
  });

  test("[trap 39] its runners end by themselves, and one that starts on the same ports serves", async () => {
    await using story = await openStory();
    const config = await story.config({ rrq: { lease_seconds: 2 } });
    const worker = await story.startWorker(config);
    const before = await story.producer.enqueue("where", {});
    await story.producer.waitForJob(before.jobId, { timeoutSeconds: 15 });
    worker.signal("SIGKILL");
    await worker.exited;
    await story.startWorker(config);
    const after = await story.producer.enqueue("where", {});
    expect(await story.producer.waitForJob(after.jobId, { timeoutSeconds: 15 })).toMatchObject({ job: { status: "COMPLETED" } });
    const [old] = await story.starts(before.jobId);
    await eventually(() => expect(() => process.kill(old?.pid ?? 0, 0)).toThrow());
  });
});

/** Two orchestrators; the one that has all the jobs is killed while they run. */
async function killInMidJob(story: Story, rrq: { lease_seconds?: number }, count: number) {
  const config = await story.config({
    rrq: { ...rrq },
    runners: { main: await story.runner("main", { max_in_flight: count }) },
  });
  const first = await story.startWorker(config);
  const ids = enqueuedIds(await story.producer.enqueueMany(Array.from({ length: count }, () => ({ job: "hold", params: {} }))));
  await eventually(async () => expect(await story.starts()).toHaveLength(count));
  await story.startWorker(config);
  first.signal("SIGKILL");
  await first.exited;
  return { killedAt: Date.now(), ids };
}

async function finish(story: Story, ids: readonly string[]): Promise<void> {
  await story.openDoor();
  for (const id of ids) {
    const end = await story.producer.waitForJob(id, { timeoutSeconds: 15 });
    expect(end).toMatchObject({ kind: "finished", job: { status: "COMPLETED", result: { attempt: 1 } } });
  }
}
