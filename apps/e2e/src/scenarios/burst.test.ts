import { expect, test } from "vitest";
import { rrqCommand } from "../rrq-command.ts";
import { enqueuedIds } from "../testing/enqueued-ids.ts";
import { openStory } from "../testing/story.ts";

test("[design §2] a burst runs what is ready, retries included if they fall due, leaves what is scheduled, and exits 0", async () => {
  await using story = await openStory();
  const config = await story.config({ rrq: { base_retry_delay_seconds: 0 } });
  const { producer } = story;
  const ready = enqueuedIds(
    await producer.enqueueMany(Array.from({ length: 50 }, (_, n) => ({ job: "add", params: { a: n, b: 1 } }))),
  );
  const flaky = await producer.enqueue("flaky", { until: 3 });
  const later = await producer.enqueue("add", { a: 1, b: 1 }, { delaySeconds: 3_600 });
  const worker = await story.start([...rrqCommand, "worker", "run", "--burst", "--config", config]);
  expect(await worker.exited).toEqual({ code: 0 });
  for (const id of [...ready, flaky.jobId]) expect(await producer.getJob(id)).toMatchObject({ status: "COMPLETED" });
  expect(await producer.getJob(later.jobId)).toMatchObject({ status: "PENDING" });
});
