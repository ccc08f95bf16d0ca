import { expect, test } from "vitest";
import { enqueuedIds } from "../testing/enqueued-ids.ts";
import { openStory, type Story } from "../testing/story.ts";

async function whereRuns(story: Story, job: string, queue?: string): Promise<unknown> {
  const { jobId } = await story.producer.enqueue(job, {}, queue === undefined ? {} : { queue });
  const end = await story.producer.waitForJob(jobId, { timeoutSeconds: 15 });
  return end.kind === "finished" ? end.job.result : end;
}

test("[design §3] a job goes to the runner that its name says, else to that of its queue, else to the default one", async () => {
  await using story = await openStory();
  const config = await story.config({
    rrq: { default_runner_name: "main" },
    runners: { main: await story.runner("main"), mail: await story.runner("mail") },
    routes: { letters: "mail" },
  });
  await story.startWorker(config, "--queue", "default", "--queue", "letters");
  expect(await whereRuns(story, "where")).toMatchObject({ runner: "main", queueName: "rrq:queue:default" });
  expect(await whereRuns(story, "where", "letters")).toMatchObject({ runner: "mail", queueName: "rrq:queue:letters" });
  expect(await whereRuns(story, "mail#where")).toMatchObject({ runner: "mail", queueName: "rrq:queue:default" });
  expect(await whereRuns(story, "main#where", "letters")).toMatchObject({ runner: "main", queueName: "rrq:queue:letters" });
});

test("[trap 23] a runner with all its slots taken does not hold up another runner's queue", async () => {
  await using story = await openStory();
  const config = await story.config({
    rrq: { default_runner_name: "main" },
    runners: { main: await story.runner("main", { max_in_flight: 1 }), mail: await story.runner("mail", { max_in_flight: 1 }) },
    routes: { letters: "mail" },
  });
  await story.startWorker(config, "--queue", "default", "--queue", "letters");
  const blocked = enqueuedIds(await story.producer.enqueueMany(Array.from({ length: 5 }, () => ({ job: "hold", params: {} }))));
  expect(await whereRuns(story, "where", "letters")).toMatchObject({ runner: "mail" });
  await story.openDoor();
  for (const id of blocked) {
    expect(await story.producer.waitForJob(id, { timeoutSeconds: 15 })).toMatchObject({ job: { status: "COMPLETED" } });
  }
});

test("[trap 20] a worker leaves alone the queues that it was not told to serve", async () => {
  await using story = await openStory();
  const config = await story.config();
  await story.startWorker(config, "--queue", "first");
  const other = await story.producer.enqueue("where", {}, { queue: "second" });
  expect(await whereRuns(story, "where", "first")).toMatchObject({ queueName: "rrq:queue:first" });
  expect(await story.producer.getJob(other.jobId)).toMatchObject({ status: "PENDING" });
  await story.startWorker(config, "--queue", "second");
  expect(await story.producer.waitForJob(other.jobId, { timeoutSeconds: 15 })).toMatchObject({ job: { status: "COMPLETED" } });
});
