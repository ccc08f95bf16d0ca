import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, type PrivateRedis, startPrivateRedis } from "@rrq/private-redis";
import { createProducer } from "@rrq/producer";
import { connect } from "@rrq/producer/redis";
import { keys } from "@rrq/protocol/redis";
import { ResourceStack } from "@rrq/protocol/runtime";
import { expect, test } from "vitest";
import { type Program, startProgram } from "../program.ts";
import { rrqCommand } from "../rrq-command.ts";
import { formatRrqToml } from "../rrq-toml.ts";
import { openTemporaryFolder } from "../temporary-folder.ts";
import { endBearers, newMark } from "../testing/descendants.ts";
import { raiseStorm, type Target } from "./faults.ts";
import { drawUp, readLines } from "./ledger.ts";

const JOBS = 10_000;
const QUEUES = ["alpha", "beta", "gamma", "delta"];
const STORM_MS = 60_000;
/** After the last fault: a lease, another for the trouble that a restart of Redis may have been, and the work that is left. */
const SETTLE_MS = 40_000;
const MAX_ATTEMPTS = 6;

test("[design §1] 10,000 jobs in a storm of kills and stops: each ends once, the ledger balances", { timeout: 240_000 }, async () => {
  await using opened = new ResourceStack();
  const mark = newMark();
  opened.defer(() => endBearers(mark));
  const { path: folder } = opened.use(await openTemporaryFolder());
  const server = opened.use(await startPrivateRedis({ appendfsync: "always" }));
  const producer = opened.use(createProducer({ redisUrl: server.url }));
  const file = join(folder, "lines");
  const config = await writeConfig(folder, server, file);

  const enqueued = await producer.enqueueMany(
    Array.from({ length: JOBS }, (_, n) => ({
      job: "work",
      params: { n, ms: 20 + (n % 7) * 10 },
      options: { queue: QUEUES[n % QUEUES.length] ?? "alpha", maxAttempts: MAX_ATTEMPTS },
    })),
  );
  const accepted = enqueued.map((answer) => {
    if (answer instanceof Error || answer.kind !== "enqueued") throw new Error(`not accepted: ${JSON.stringify(answer)}`);
    return answer.jobId;
  });

  const startWorker = () =>
    startProgram([...rrqCommand, "worker", "run", "--config", config, ...QUEUES.flatMap((queue) => ["--queue", queue])], {
      cwd: folder,
      env: { ...process.env, ...mark.env, RUST_LOG: "warn" },
    });
  const workers: Program[] = [await startWorker(), await startWorker()];
  opened.defer(() => Promise.all(workers.map((worker) => worker.stop())));

  const until = Date.now() + STORM_MS;
  const faults = await raiseStorm(
    [...workers.map((_, index) => workerTarget(workers, index, startWorker)), runnerTarget(file), redisTarget(server)],
    until,
    seeded(Number(process.env["STORM_SEED"] ?? 1)),
  );

  const redis = await connect(server.url);
  opened.defer(() => redis.disconnect());
  const stormOver = Date.now();
  let left = JOBS;
  while (left > 0 && Date.now() - stormOver < SETTLE_MS) {
    await sleep(500);
    const pipeline = redis.pipeline();
    for (const id of accepted) pipeline.hget(keys.job(id), "status");
    const statuses = (await pipeline.exec())?.map(([, status]) => status) ?? [];
    left = statuses.filter((status) => status !== "COMPLETED" && status !== "FAILED").length;
  }
  const settledMs = Date.now() - stormOver;
  const ledger = await drawUp(redis, accepted, await readLines(file), MAX_ATTEMPTS);
  process.stdout.write(`${JSON.stringify({ accepted: accepted.length, ...ledger.counts, rescues: ledger.rescues, reruns: ledger.reruns, settledMs, faults: tally(faults) })}\n`);
  expect(ledger.broken).toEqual([]);
  expect(faults.length).toBeGreaterThan(20);
});

async function writeConfig(folder: string, server: PrivateRedis, file: string): Promise<string> {
  const path = join(folder, "rrq.toml");
  const runner = {
    cmd: [process.execPath, join(import.meta.dirname, "storm-runner.js")],
    tcp_port: await freePort(),
    pool_size: 2,
    max_in_flight: 8,
    env: { STORM_FILE: file },
  };
  await writeFile(
    path,
    formatRrqToml({
      rrq: { redis_dsn: server.url, base_retry_delay_seconds: 0.05, max_retry_delay_seconds: 0.5, max_rescues: 50 },
      runners: { main: runner },
    }),
  );
  return path;
}

function workerTarget(workers: Program[], index: number, start: () => Promise<Program>): Target {
  return {
    name: `orchestrator ${index}`,
    pid: () => workers[index]?.pid ?? null,
    revive: async () => {
      await workers[index]?.exited;
      workers[index] = await start();
    },
  };
}

/** One of the runner processes that wrote last; its orchestrator revives it. */
function runnerTarget(file: string): Target {
  return {
    name: "runner",
    pid: async () => (await readLines(file)).at(-1)?.pid ?? null,
    revive: () => Promise.resolve(),
  };
}

function redisTarget(server: PrivateRedis): Target {
  return {
    name: "redis",
    pid: () => server.pid ?? null,
    revive: async () => {
      await server.kill("SIGKILL");
      await server.restart();
    },
  };
}

function tally(faults: readonly { readonly target: string; readonly kind: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { target, kind } of faults) counts[`${target} ${kind}`] = (counts[`${target} ${kind}`] ?? 0) + 1;
  return counts;
}

/** mulberry32: numbers in [0, 1) that a seed repeats. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
