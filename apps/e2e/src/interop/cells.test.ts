import { join } from "node:path";
import { freePort } from "@rrq/private-redis";
import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import { rrqCommand } from "../rrq-command.ts";
import type { TomlTable } from "../rrq-toml.ts";
import { openStory, type Story } from "../testing/story.ts";
import type { Upstream } from "../upstream/environment.ts";
import { type CallTheirs, useUpstreamClient } from "./upstream-client.ts";

type Side = "ours" | "theirs";

interface Cell {
  readonly producer: Side;
  readonly orchestrator: Side;
  readonly runner: Side;
}

/** Every mixture of the two. */
const CELLS: readonly Cell[] = [
  { producer: "theirs", orchestrator: "ours", runner: "ours" },
  { producer: "ours", orchestrator: "theirs", runner: "ours" },
  { producer: "ours", orchestrator: "ours", runner: "theirs" },
  { producer: "ours", orchestrator: "theirs", runner: "theirs" },
  { producer: "theirs", orchestrator: "ours", runner: "theirs" },
  { producer: "theirs", orchestrator: "theirs", runner: "ours" },
];

interface JobCase {
  readonly functionName: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly maxAttempts?: number;
  readonly timeoutSeconds?: number;
  readonly end: { readonly status: string; readonly result: unknown; readonly attempts: number; readonly error: unknown };
}

const JOBS: readonly JobCase[] = [
  { functionName: "add", params: { a: 2, b: 3 }, end: completed({ sum: 5 }, 1, null) },
  { functionName: "flaky", params: { until: 3 }, end: completed({ attempt: 3 }, 3, "attempt 2 fails") },
  { functionName: "again", params: { until: 2 }, end: completed({ attempt: 2 }, 2, "not yet") },
  { functionName: "fail", params: {}, maxAttempts: 2, end: failed(2, "boom") },
  { functionName: "nobody", params: {}, end: failed(1, "No handler registered for function 'nobody'") },
  { functionName: "hold", params: {}, timeoutSeconds: 1, end: failed(1, expect.stringMatching(/timed out|deadline exceeded/i)) },
];

const upstream = inject("upstream");

describe.skipIf(upstream === null)("[design §1] [producer §8.2] [redis §5] [wire §8.4] one job for each way to end goes", () => {
  const theirClient = useUpstreamClient();

  test.each(CELLS)("from $producer producer by $orchestrator orchestrator to $runner runner", async (cell) => {
    if (upstream === null) throw new Error("without upstream these tests are left out");
    await using story = await openStory();
    const theirs = theirClient(story.database.url);
    const ids = cell.producer === "ours" ? await enqueueOurs(story) : await enqueueTheirs(theirs);
    const config = await story.config({
      rrq: { default_runner_name: "main", default_poll_delay_seconds: 0.05 },
      runners: { main: await runnerTable(cell.runner, story, upstream) },
    });
    const command = cell.orchestrator === "ours" ? rrqCommand : [upstream.rrq];
    const worker = await story.start([...command, "worker", "run", "--config", config]);

    const [ends, seenByThem] = await Promise.all([
      Promise.all(ids.map((id) => story.producer.waitForJob(id, { timeoutSeconds: 15 }))),
      Promise.all(ids.map((id) => theirs("wait_for_completion", id, { named: { timeout_seconds: 15 } }))),
    ]);
    expect(ends).toMatchObject(JOBS.map(({ end }) => ({ kind: "finished", job: end })));
    expect(seenByThem).toEqual(JOBS.map(({ end: { status, result, error } }) => ({ status, result, last_error: error })));
    const dead = ids.filter((_, index) => JOBS[index]?.end.status === "FAILED");
    expect((await story.database.redis.lrange(keys.dlq("default"), 0, -1)).toSorted()).toEqual(dead.toSorted());
    expect(await story.database.redis.exists(keys.queue("default"))).toBe(0);
    // Upstream's stream is for upstream's waiters: ours writes it for the jobs of their producers.
    const streams = cell.producer === "theirs" || cell.orchestrator === "theirs" ? ids.length : 0;
    expect(await story.database.redis.exists(...ids.map(keys.events))).toBe(streams);

    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0 });
    expect(await story.database.redis.keys("rrq:active:*")).toEqual([]);
    expect(await story.database.redis.keys("rrq:lock:*")).toEqual([]);
  });
});

function completed(result: unknown, attempts: number, error: string | null): JobCase["end"] {
  return { status: "COMPLETED", result, attempts, error };
}

function failed(attempts: number, error: unknown): JobCase["end"] {
  return { status: "FAILED", result: null, attempts, error };
}

/** The ids, in the order of {@link JOBS}. */
async function enqueueTheirs(theirs: CallTheirs): Promise<string[]> {
  const calls = JOBS.map(({ functionName, params, maxAttempts, timeoutSeconds }) =>
    theirs("enqueue", functionName, { params, max_retries: maxAttempts ?? null, job_timeout_seconds: timeoutSeconds ?? null }),
  );
  return (await Promise.all(calls)) as string[];
}

async function enqueueOurs({ producer }: Story): Promise<string[]> {
  const answers = JOBS.map(({ functionName, params, maxAttempts, timeoutSeconds }) =>
    producer.enqueue(functionName, params, { maxAttempts, timeoutSeconds }),
  );
  return (await Promise.all(answers)).map(({ jobId }) => jobId);
}

async function runnerTable(side: Side, story: Story, { rrqRunner }: Upstream): Promise<TomlTable> {
  if (side === "ours") return story.runner("main", { max_in_flight: 4 });
  return {
    cmd: [rrqRunner, "--settings", "interop_runner.settings"],
    env: { PYTHONPATH: join(import.meta.dirname, "../upstream/python"), PYTHONDONTWRITEBYTECODE: "1" },
    tcp_port: await freePort(),
    pool_size: 1,
    max_in_flight: 4,
  };
}
