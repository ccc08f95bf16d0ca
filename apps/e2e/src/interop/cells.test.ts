import { join } from "node:path";
import { freePort } from "@rrq/private-redis";
import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import { runProgram } from "../program.ts";
import { rrqCommand } from "../rrq-command.ts";
import type { TomlTable } from "../rrq-toml.ts";
import { eventually } from "../testing/eventually.ts";
import { openStory, type Story } from "../testing/story.ts";
import type { Upstream } from "../upstream/environment.ts";

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

interface Job {
  readonly functionName: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly maxAttempts?: number;
  /** Fields of its hash in the end. */
  readonly end: Readonly<Record<string, string>>;
}

const JOBS: readonly Job[] = [
  {
    functionName: "add",
    params: { a: 2, b: 3 },
    end: { status: "COMPLETED", result: '{"sum":5}', current_retries: "0" },
  },
  {
    functionName: "flaky",
    params: { until: 3 },
    end: { status: "COMPLETED", result: '{"attempt":3}', current_retries: "2", last_error: "attempt 2 fails" },
  },
  {
    functionName: "again",
    params: { until: 2 },
    end: { status: "COMPLETED", result: '{"attempt":2}', current_retries: "1", last_error: "not yet" },
  },
  {
    functionName: "fail",
    params: {},
    maxAttempts: 2,
    end: { status: "FAILED", current_retries: "2", last_error: "boom" },
  },
  {
    functionName: "nobody",
    params: {},
    end: { status: "FAILED", current_retries: "1", last_error: "No handler registered for function 'nobody'" },
  },
];

const upstream = inject("upstream");

describe.skipIf(upstream === null)("[design §1] one job of each kind goes", () => {
  test.each(CELLS)("from $producer producer by $orchestrator orchestrator to $runner runner", async (cell) => {
    if (upstream === null) throw new Error("without upstream these tests are left out");
    await using story = await openStory();
    const ids = await enqueue(cell.producer, story, upstream);
    const config = await story.config({
      rrq: { default_runner_name: "main", default_poll_delay_seconds: 0.05 },
      runners: { main: await runnerTable(cell.runner, story, upstream) },
    });
    const command = cell.orchestrator === "ours" ? rrqCommand : [upstream.rrq];
    const worker = await story.start([...command, "worker", "run", "--config", config]);

    for (const [index, { end }] of JOBS.entries()) {
      const id = ids[index] ?? "";
      await eventually(async () => expect(await story.database.redis.hgetall(keys.job(id))).toMatchObject(end));
    }
    const dead = ids.filter((_, index) => JOBS[index]?.end["status"] === "FAILED");
    expect((await story.database.redis.lrange(keys.dlq("default"), 0, -1)).toSorted()).toEqual(dead.toSorted());
    expect(await story.database.redis.exists(keys.queue("default"))).toBe(0);

    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0 });
    expect(await story.database.redis.keys("rrq:active:*")).toEqual([]);
    expect(await story.database.redis.keys("rrq:lock:*")).toEqual([]);
  });
});

/** The ids, in the order of {@link JOBS}. */
async function enqueue(side: Side, story: Story, { python }: Upstream): Promise<string[]> {
  if (side === "theirs") {
    const calls = JOBS.map(({ functionName, params, maxAttempts }) => [functionName, { params, max_retries: maxAttempts }]);
    const script = join(import.meta.dirname, "../upstream/python/enqueue.py");
    const said = await runProgram([python, script, story.database.url], { input: JSON.stringify(calls) });
    return JSON.parse(said) as string[];
  }
  const answers = JOBS.map(({ functionName, params, maxAttempts }) => story.producer.enqueue(functionName, params, { maxAttempts }));
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
