import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@rrq/private-redis";
import { JsonText } from "@rrq/protocol";
import { keys, newJobFields } from "@rrq/protocol/redis";
import { afterAll, describe, expect, inject, test } from "vitest";
import { rrqCommand } from "../rrq-command.ts";
import { eventually } from "../testing/eventually.ts";
import { openStory, type Story } from "../testing/story.ts";
import { differences } from "./differences.ts";
import { compare, type EndState, readEndState } from "./end-state.ts";
import { type Scenario, type ScenarioJob, scenarios } from "./scenarios.ts";

const upstream = inject("upstream");
const TERMINAL = ["COMPLETED", "FAILED"];
/** The settings of the golden files. */
const SETTINGS = {
  base_retry_delay_seconds: 0.01,
  max_retry_delay_seconds: 0.05,
  default_poll_delay_seconds: 0.01,
  default_runner_name: "main",
  default_max_retries: 3,
  default_result_ttl_seconds: 600,
};
const shown = new Set<RegExp>();

describe.skipIf(upstream === null)("[design §1] the same scenario through both orchestrators", { timeout: 60_000 }, () => {
  test.each(scenarios)("$title", async (scenario) => {
    if (upstream === null) throw new Error("without upstream these tests are left out");
    const [theirs, ours] = await Promise.all([play(scenario, [upstream.rrq]), play(scenario, rrqCommand)]);
    const unmeant = compare(theirs, ours).filter((line) => {
      const meant = differences.find(({ pattern }) => pattern.test(line));
      if (meant !== undefined) shown.add(meant.pattern);
      return meant === undefined;
    });
    expect(unmeant).toEqual([]);
    if (scenario.golden !== undefined) {
      const { jobs } = JSON.parse(await readFile(join(import.meta.dirname, "golden", scenario.golden), "utf8")) as Golden;
      for (const { id } of scenario.jobs) expect(asGolden(ours, id)).toMatchObject(jobs[id] ?? {});
    }
  });

  // In this order, on purpose: the table is held against what the scenarios have shown.
  test("every row of the table of differences is shown by a scenario", () => {
    expect(differences.filter(({ pattern }) => !shown.has(pattern)).map(({ ours }) => ours)).toEqual([]);
  });
});

interface Golden {
  readonly jobs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

afterAll(() => shown.clear());

/** Enqueues the jobs, runs an orchestrator until they have ended, and looks at what is left. */
async function play(scenario: Scenario, command: readonly string[]): Promise<EndState> {
  await using story = await openStory();
  const { redis } = story.database;
  for (const job of scenario.jobs) await enqueue(story, job);
  for (const [key, value] of Object.entries(scenario.keys ?? {})) await redis.set(key, value);
  const config = await story.config({
    rrq: { ...SETTINGS, ...scenario.rrq },
    runners: { main: await runner(), alt: await runner() },
    ...(scenario.routes && { routes: scenario.routes }),
  });
  const queues = (scenario.queues ?? []).flatMap((queue) => ["--queue", queue]);
  const worker = await story.start([...command, "worker", "run", "--config", config, ...queues]);

  const statusOf = (id: string) => redis.hget(keys.job(id), "status");
  const waited = scenario.jobs.map(({ id }) => id).filter((id) => !scenario.left?.includes(id));
  await eventually(async () => {
    for (const id of waited) expect(TERMINAL, id).toContain(await statusOf(id));
    if (scenario.stopWhenActive !== undefined) expect(await statusOf(scenario.stopWhenActive)).toBe("ACTIVE");
  }, 30_000);
  // The last job's bookkeeping comes after its status with upstream.
  if (scenario.stopWhenActive === undefined) await eventually(async () => expect(await redis.keys("rrq:active:*")).toEqual([]));
  worker.signal("SIGTERM");
  expect(await worker.exited).toEqual({ code: 0 });
  return await readEndState(redis); // before the database goes
}

async function runner() {
  return {
    cmd: [process.execPath, join(import.meta.dirname, "scripted-runner.js")],
    tcp_port: await freePort(),
    pool_size: 1,
    max_in_flight: 4,
  };
}

/** As upstream's producer writes it. */
async function enqueue(story: Story, job: ScenarioJob): Promise<void> {
  const { redis } = story.database;
  const now = Date.now();
  const runAt = now + (job.delayMs ?? 0);
  const queue = keys.queue(job.queue ?? "default");
  const fields = newJobFields({
    id: job.id,
    functionName: job.functionName ?? "echo",
    params: new JsonText(JSON.stringify(job.says === undefined ? {} : { says: job.says })),
    enqueuedAt: now,
    runAt,
    maxRetries: 3,
    timeoutSeconds: 10,
    resultTtlSeconds: 600,
    queue,
  });
  await redis.hset(keys.job(job.id), ...fields);
  for (const [name, value] of Object.entries(job.fields ?? {})) {
    if (value === null) await redis.hdel(keys.job(job.id), name);
    else await redis.hset(keys.job(job.id), name, value);
  }
  await redis.zadd(queue, runAt, job.id);
}

/** One job as the golden files have it. */
function asGolden(state: EndState, id: string): Readonly<Record<string, unknown>> {
  const field = (name: string): string | undefined => state[`${keys.job(id)} ${name}`];
  const status = field("status");
  return {
    status,
    current_retries: Number(field("current_retries")),
    max_retries: Number(field("max_retries")),
    result: JSON.parse(field("result") ?? "null") as unknown,
    last_error: status === "COMPLETED" ? null : (field("last_error") ?? null),
    in_dlq: (state["rrq:dlq:default holds"] ?? "").split(" ").includes(id),
    queue_name: field("queue_name"),
    unique_key: field("job_unique_key") ?? null,
    deferred: id === "job-defer",
  };
}
