import { keys } from "@rrq/protocol/redis";
import { expect, test } from "vitest";
import { openStory } from "../testing/story.ts";

const oneSlot = { pool_size: 1, max_in_flight: 1 };

test("[design §3] a handler that overruns its time is stopped, and its job dead-lettered", async () => {
  await using story = await openStory();
  await story.startWorker(await story.config());
  const { jobId } = await story.producer.enqueue("hold", {}, { timeoutSeconds: 1 });
  const end = await story.producer.waitForJob(jobId, { timeoutSeconds: 15 });
  expect(end).toMatchObject({ kind: "finished", job: { status: "FAILED" } });
  expect(await story.starts(jobId)).toHaveLength(1);
  expect(await story.database.redis.lrange(keys.dlq("default"), 0, -1)).toEqual([jobId]);
});

test("[design §3] with retry_on_timeout it is tried again", async () => {
  await using story = await openStory();
  await story.startWorker(await story.config({ rrq: { retry_on_timeout: true } }));
  const { jobId } = await story.producer.enqueue("hold", {}, { timeoutSeconds: 1, maxAttempts: 2 });
  const end = await story.producer.waitForJob(jobId, { timeoutSeconds: 15 });
  expect(end).toMatchObject({ kind: "finished", job: { status: "FAILED" } });
  expect(await story.starts(jobId)).toHaveLength(2);
});

test("[trap 22] a handler that ignores its signal keeps its slot until its process is replaced, which then serves again", async () => {
  await using story = await openStory();
  const runners = { main: await story.runner("main", oneSlot) };
  await story.startWorker(await story.config({ rrq: { abort_grace_ms: 200 }, runners }));
  const stubborn = await story.producer.enqueue("overrun", {}, { timeoutSeconds: 1 });
  const next = await story.producer.enqueue("where", {});
  expect(await story.producer.waitForJob(stubborn.jobId, { timeoutSeconds: 15 })).toMatchObject({ job: { status: "FAILED" } });
  expect(await story.producer.waitForJob(next.jobId, { timeoutSeconds: 15 })).toMatchObject({ job: { status: "COMPLETED" } });
  const [stuck, served] = await story.starts();
  expect(served?.pid).not.toBe(stuck?.pid);
});

test("[trap 11] the time of a job does not run while it waits for a slot", async () => {
  await using story = await openStory();
  const runners = { main: await story.runner("main", oneSlot) };
  await story.startWorker(await story.config({ runners }));
  // Two jobs that each take about 0.7 s of the 1 s they have, one after the other.
  const accepted = await Promise.all([1, 2].map(() => story.producer.enqueue("pause", { ms: 700 }, { timeoutSeconds: 1 })));
  const ends = await Promise.all(accepted.map(({ jobId }) => story.producer.waitForJob(jobId, { timeoutSeconds: 15 })));
  expect(ends).toMatchObject([{ job: { status: "COMPLETED" } }, { job: { status: "COMPLETED" } }]);
});
