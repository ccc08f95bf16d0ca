import { expect, test } from "vitest";
import { openStory, type Start } from "../testing/story.ts";

/** Milliseconds between one start and the next. */
const gaps = (starts: readonly Start[]): number[] =>
  starts.slice(1).map(({ at }, index) => at - (starts[index]?.at ?? 0));

test("[design §3] what fails is tried again, each time after twice the delay", async () => {
  await using story = await openStory();
  await story.startWorker(await story.config({ rrq: { base_retry_delay_seconds: 0.2, max_retry_delay_seconds: 0.4 } }));
  const { jobId } = await story.producer.enqueue("flaky", { until: 4 });
  const end = await story.producer.waitForJob(jobId, { timeoutSeconds: 15 });
  expect(end).toMatchObject({ kind: "finished", job: { status: "COMPLETED", result: { attempt: 4 } } });

  const starts = await story.starts(jobId);
  expect(starts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
  const [first, second, third] = gaps(starts);
  expect(first).toBeGreaterThanOrEqual(200);
  expect(second).toBeGreaterThanOrEqual(400);
  expect(third).toBeGreaterThanOrEqual(400); // the limit
  expect(third).toBeLessThan(800);
  const fences = starts.map(({ fence }) => fence ?? 0);
  expect(fences.toSorted((a, b) => a - b)).toEqual(fences);
});

test("[runner §4.2] a handler that says when to try again is called then", async () => {
  await using story = await openStory();
  await story.startWorker(await story.config({ rrq: { base_retry_delay_seconds: 60, max_retry_delay_seconds: 60 } }));
  const { jobId } = await story.producer.enqueue("again", { until: 3 });
  const end = await story.producer.waitForJob(jobId, { timeoutSeconds: 15 });
  expect(end).toMatchObject({ kind: "finished", job: { status: "COMPLETED", result: { attempt: 3 } } });
});
