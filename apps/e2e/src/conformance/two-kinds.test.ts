import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import { rrqCommand } from "../rrq-command.ts";
import { eventually } from "../testing/eventually.ts";
import { openStory } from "../testing/story.ts";

const upstream = inject("upstream");
const JOBS = 2_000;

describe.skipIf(upstream === null)("[design §1] two orchestrators on one queue", { timeout: 120_000 }, () => {
  test.each([
    ["ours and theirs", [rrqCommand, [upstream?.rrq ?? ""]]],
    ["ours and ours", [rrqCommand, rrqCommand]],
  ])("%s: each of 2,000 jobs is run once, by one of them", async (_title, commands) => {
    await using story = await openStory();
    const enqueued = await story.producer.enqueueMany(
      Array.from({ length: JOBS }, (_, n) => ({ job: "add", params: { a: n, b: 1 } })),
    );
    const ids = enqueued.map((one) => (one.kind === "enqueued" ? one.jobId : ""));
    for (const [index, command] of commands.entries()) {
      const config = await story.config({
        rrq: { default_runner_name: "main", default_poll_delay_seconds: 0.01 },
        runners: { main: await story.runner(`of-${index}`, { max_in_flight: 8 }) },
      });
      await story.start([...command, "worker", "run", "--config", config]);
    }
    await eventually(async () => {
      const statuses = await Promise.all(ids.map((id) => story.database.redis.hget(keys.job(id), "status")));
      expect(statuses.filter((status) => status === "COMPLETED")).toHaveLength(JOBS);
    }, 60_000);
    const starts = await story.starts();
    expect(starts).toHaveLength(JOBS);
    expect(new Set(starts.map(({ jobId }) => jobId))).toEqual(new Set(ids));
    expect(new Set(starts.map(({ pid }) => pid)).size).toBe(2);
  });
});
