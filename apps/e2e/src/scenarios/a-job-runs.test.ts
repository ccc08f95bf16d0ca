import { defineJob } from "@rrq/protocol";
import { prefixes } from "@rrq/protocol/redis";
import { expect, test } from "vitest";
import { z } from "zod";
import { enqueuedIds } from "../testing/enqueued-ids.ts";
import { openStory } from "../testing/story.ts";

const add = defineJob("add", {
  params: z.object({ a: z.number(), b: z.number() }),
  result: z.object({ sum: z.number() }),
});

test("[design §1] a job is enqueued, runs in a runner process, and its result is waited for", async () => {
  await using story = await openStory();
  await story.startWorker(await story.config());
  const { jobId } = await story.producer.enqueue(add, { a: 2, b: 3 });
  const end = await story.producer.waitForJob(jobId, { as: add, timeoutSeconds: 15 });
  expect(end).toMatchObject({ kind: "finished", job: { status: "COMPLETED", result: { sum: 5 } } });
  expect(await story.starts()).toMatchObject([{ jobId, functionName: "add", attempt: 1 }]);
});

test("[design §1] jobs that were enqueued before there was a worker run once there is one", async () => {
  await using story = await openStory();
  const accepted = await Promise.all([1, 2, 3].map((n) => story.producer.enqueue(add, { a: n, b: n })));
  await story.startWorker(await story.config());
  const ends = await Promise.all(accepted.map(({ jobId }) => story.producer.waitForJob(jobId, { as: add, timeoutSeconds: 15 })));
  expect(ends).toMatchObject([2, 4, 6].map((sum) => ({ kind: "finished", job: { status: "COMPLETED", result: { sum } } })));
});

test("[trap 10] [trap 35] [redis §4.15] each of a thousand jobs runs once, and nothing of them is left but their results", async () => {
  await using story = await openStory();
  const { producer, database } = story;
  const config = await story.config({ runners: { main: await story.runner("main", { pool_size: 2, max_in_flight: 16 }) } });
  await story.startWorker(config);
  const items = Array.from({ length: 1_000 }, (_, n) => ({ job: add, params: { a: n, b: 1 } }));
  const ids = enqueuedIds(await producer.enqueueMany(items));
  const ends = await Promise.all(ids.map((id) => producer.waitForJob(id, { as: add, timeoutSeconds: 30 })));
  expect(ends.map((end) => end.kind !== "unknown" && end.job.result?.sum)).toEqual(items.map(({ params }) => params.a + 1));
  const starts = await story.starts();
  expect(starts).toHaveLength(1_000);
  expect(new Set(starts.map(({ jobId }) => jobId)).size).toBe(1_000);
  const others = (await database.redis.keys("*")).filter((key) => !key.startsWith(prefixes.job));
  expect(others.map((key) => key.replace(/[^:]*$/, "")).toSorted()).toEqual([prefixes.health, "rrq:ts:"]); // the worker's
});
