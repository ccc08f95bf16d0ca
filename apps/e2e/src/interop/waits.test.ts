import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import { rrqCommand } from "../rrq-command.ts";
import { eventually } from "../testing/eventually.ts";
import { openStory, type Story } from "../testing/story.ts";
import { startBeating } from "./start-beating.ts";
import { useUpstreamClient } from "./upstream-client.ts";

const upstream = inject("upstream");

const ORCHESTRATORS = [
  { whose: "ours", command: rrqCommand },
  { whose: "theirs", command: [upstream?.rrq ?? ""] },
] as const;

/** A wait of theirs: this long at most, looking again this often. */
const SECONDS = { named: { timeout_seconds: 15, block_interval_seconds: 0.25 } };

describe.skipIf(upstream === null).each(ORCHESTRATORS)("[producer §7] [producer §10] under $whose orchestrator", ({ whose, command }) => {
  const client = useUpstreamClient();

  async function openRunningStory(): Promise<Story> {
    const story = await openStory();
    const main = await story.runner("main", { max_in_flight: 8 });
    const config = await story.config({ rrq: { default_runner_name: "main", default_poll_delay_seconds: 0.05 }, runners: { main } });
    await startBeating(story, [...command, "worker", "run", "--config", config]);
    return story;
  }

  test("ours waits for the jobs of theirs, and theirs for those of ours, until they end", async () => {
    await using story = await openRunningStory();
    const theirs = client(story.database.url);
    const jobs = [
      { name: "add", params: { a: 1, b: 2 }, end: { status: "COMPLETED", result: { sum: 3 }, error: null } },
      { name: "flaky", params: { until: 2 }, end: { status: "COMPLETED", result: { attempt: 2 }, error: "attempt 1 fails" } },
      { name: "fail", params: {}, end: { status: "FAILED", result: null, error: "boom" } },
    ];
    const theirIds: string[] = [];
    for (const { name, params } of jobs) theirIds.push((await theirs("enqueue", name, { params, max_retries: 2 })) as string);
    const seenByOurs = theirIds.map((id) => story.producer.waitForJob(id));
    const ourIds = (await Promise.all(jobs.map(({ name, params }) => story.producer.enqueue(name, params, { maxAttempts: 2 })))).map(({ jobId }) => jobId);
    const seenByTheirs = ourIds.map((id) => theirs("wait_for_completion", id, SECONDS));
    expect(await Promise.all(seenByOurs)).toMatchObject(jobs.map(({ end }) => ({ kind: "finished", job: end })));
    expect(await Promise.all(seenByTheirs)).toEqual(
      jobs.map(({ end: { status, result, error } }) => ({ status, result, last_error: error })),
    );
    // A wait that starts after the end is over at once; each reads the other's as its own.
    for (const id of [...theirIds, ...ourIds]) {
      const [job, read, waited] = [await story.producer.getJob(id), await theirs("get_job_status", id), await theirs("wait_for_completion", id, SECONDS)];
      expect(await story.producer.waitForJob(id)).toEqual({ kind: "finished", job });
      expect(waited).toEqual(read);
      expect(read).toEqual({ status: job?.status, result: job?.result, last_error: job?.error });
    }
  });

  test("[redis §5] the end of a job of theirs is told in its stream", async () => {
    await using story = await openRunningStory();
    const theirs = client(story.database.url);
    const done = (await theirs("enqueue", "add", { params: { a: 1, b: 2 }, result_ttl_seconds: 400 })) as string;
    const failed = (await theirs("enqueue", "fail", { max_retries: 1 })) as string;
    for (const id of [done, failed]) await story.producer.waitForJob(id);
    const { redis } = story.database;
    const [[ofDone], [ofFailed]] = [await redis.xrange(keys.events(done), "-", "+"), await redis.xrange(keys.events(failed), "-", "+")];
    expect(ofDone?.[1]).toEqual(["event", "completed", "job_id", done, "status", "COMPLETED"]);
    expect(ofFailed?.[1]).toEqual(["event", "failed", "job_id", failed, "status", "FAILED"]);
    // Ours keeps it as long as somebody may wait, theirs as long as the job.
    const [kept, keptOfFailed] = whose === "ours" ? [300, 300] : [400, 604_800];
    for (const [id, seconds] of [[done, kept], [failed, keptOfFailed]] as const) {
      expect(await redis.ttl(keys.events(id))).toBeGreaterThan(seconds - 30);
      expect(await redis.ttl(keys.events(id))).toBeLessThanOrEqual(seconds);
    }
  });

  test("[redis §6] a job lives on as long as its producer said", async () => {
    await using story = await openRunningStory();
    const theirs = client(story.database.url);
    const params = { a: 1, b: 2 };
    const ids = await Promise.all([
      story.producer.enqueue("add", params, { resultTtlSeconds: 500 }).then(({ jobId }) => jobId),
      theirs("enqueue", "add", { params, result_ttl_seconds: 500 }) as Promise<string>,
      story.producer.enqueue("add", params, { resultTtlSeconds: 0 }).then(({ jobId }) => jobId),
      theirs("enqueue", "add", { params, result_ttl_seconds: 0 }) as Promise<string>,
      story.producer.enqueue("fail", {}, { maxAttempts: 1 }).then(({ jobId }) => jobId),
      theirs("enqueue", "fail", { max_retries: 1 }) as Promise<string>,
    ]);
    for (const id of ids) await story.producer.waitForJob(id);
    const lives = await Promise.all(ids.map((id) => story.database.redis.ttl(keys.job(id))));
    expect(lives.map((seconds) => (seconds > 0 ? Math.ceil(seconds / 100) * 100 : seconds))).toEqual([500, 500, -1, -1, 604_800, 604_800]);
  });

  test("a wait for what does not end gives up after its time, and tells", async () => {
    await using story = await openRunningStory();
    const theirs = client(story.database.url);
    const held = (await theirs("enqueue", "hold", {})) as string;
    await eventually(async () => expect(await theirs("get_job_status", held)).toMatchObject({ status: "ACTIVE" }));
    expect(await story.producer.waitForJob(held, { timeoutSeconds: 0.1 })).toMatchObject({ kind: "timed-out", job: { status: "ACTIVE" } });
    expect(await theirs("wait_for_completion", held, { named: { timeout_seconds: 0.1 } })).toBeNull();
    expect(await story.producer.waitForJob("nobody")).toEqual({ kind: "unknown" });
    // Only its own orchestrator could end it.
    if (whose === "theirs") expect(await story.producer.cancel(held)).toMatchObject({ kind: "refused" });
    await story.openDoor();
    expect(await story.producer.waitForJob(held)).toMatchObject({ kind: "finished", job: { status: "COMPLETED" } });
  });

  test("[redis §4.13] a deferred job that either command cancels ends the wait of ours, and not that of theirs", async () => {
    await using story = await openRunningStory();
    const theirs = client(story.database.url);
    const config = await story.config();
    const id = (await theirs("enqueue", "add", { defer_by_seconds: 600 })) as string;
    const end = story.producer.waitForJob(id);
    if (whose === "theirs") await (await story.start([...command, "job", "cancel", "--config", config, id])).exited;
    else expect(await story.producer.cancel(id)).toEqual({ kind: "cancelled" });
    expect(await end).toMatchObject({ kind: "finished", job: { status: "CANCELLED", result: null } });
    expect(await theirs("wait_for_completion", id, { named: { timeout_seconds: 0.3 } })).toBeNull();
  });
});
