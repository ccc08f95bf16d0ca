import { expect, test } from "vitest";
import { openStory } from "../testing/story.ts";

test("[trap 29] a job scheduled ahead is picked up when its time has come, and not before", async () => {
  await using story = await openStory();
  await story.startWorker(await story.config());
  // Between two polls of an idle worker, so that polling alone would be late.
  const runAt = Date.now() + 700;
  const later = await story.producer.enqueue("where", {}, { runAt });
  const now = await story.producer.enqueue("where", {});
  await story.producer.waitForJob(now.jobId, { timeoutSeconds: 15 });
  await story.producer.waitForJob(later.jobId, { timeoutSeconds: 15 });
  const [start] = await story.starts(later.jobId);
  expect(start?.at).toBeGreaterThanOrEqual(runAt);
  expect(start?.at).toBeLessThan(runAt + 300);
});
