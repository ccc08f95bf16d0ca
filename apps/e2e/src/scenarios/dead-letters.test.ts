import { keys } from "@rrq/protocol/redis";
import { expect, test } from "vitest";
import { openStory } from "../testing/story.ts";

test("[design §1] [redis §3.2] a job that fails too often ends in the dead-letter queue, with its reason", async () => {
  await using story = await openStory();
  await story.startWorker(await story.config());
  const { jobId } = await story.producer.enqueue("fail", {}, { maxAttempts: 3 });
  const end = await story.producer.waitForJob(jobId, { timeoutSeconds: 15 });
  expect(end).toMatchObject({ kind: "finished", job: { status: "FAILED", error: "boom" } });
  expect(await story.starts(jobId)).toHaveLength(3);
  expect(await story.database.redis.lrange(keys.dlq("default"), 0, -1)).toEqual([jobId]);
});

test("[design §3] a job without a handler ends there at once", async () => {
  await using story = await openStory();
  await story.startWorker(await story.config());
  const { jobId } = await story.producer.enqueue("nobody", {});
  const end = await story.producer.waitForJob(jobId, { timeoutSeconds: 15 });
  expect(end).toMatchObject({ kind: "finished", job: { status: "FAILED", error: "No handler registered for function 'nobody'" } });
  expect(await story.database.redis.lrange(keys.dlq("default"), 0, -1)).toEqual([jobId]);
});
