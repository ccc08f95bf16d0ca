import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, startGuard, startPrivateRedis } from "@rrq/private-redis";
import { createProducer } from "@rrq/producer";
import { ResourceStack } from "@rrq/protocol/runtime";
import { startProgram } from "../program.ts";
import { rrqCommand } from "../rrq-command.ts";
import { formatRrqToml } from "../rrq-toml.ts";
import { openTemporaryFolder } from "../temporary-folder.ts";
import { type RedisTraffic, watchTraffic } from "./redis-traffic.ts";
import { runJobs } from "./run-jobs.ts";

const RUNNER = join(import.meta.dirname, "../testing/story-runner.js");

/** What our `rrq worker run`, with one queue and one runner process, asks of Redis in `idleSeconds` without work, after so many jobs. */
export async function workerTraffic({ jobs, idleSeconds }: { jobs: number; idleSeconds: number }): Promise<RedisTraffic> {
  const opened = new ResourceStack();
  try {
    const folder = opened.use(await openTemporaryFolder()).path;
    const guard = startGuard(folder); // should we be killed, the worker goes too
    opened.defer(() => guard.dismiss());
    const redis = opened.use(await startPrivateRedis()); // its own: all that it is asked is counted
    const config = join(folder, "rrq.toml");
    const runner = { cmd: [process.execPath, RUNNER], tcp_port: await freePort(), pool_size: 1, max_in_flight: 64, env: { STORY_FOLDER: folder } };
    await writeFile(config, formatRrqToml({ rrq: { redis_dsn: redis.url }, runners: { main: runner } }));
    // What may be set here already must not reach it; its log is how we know that it has started.
    const env = { ...process.env, RRQ_REDIS_DSN: redis.url, RUST_LOG: "info" };
    const worker = opened.use(await startProgram([...rrqCommand, "worker", "run", "--config", config], { cwd: folder, env }));
    guard.watch(worker.pid);
    await worker.says(/worker started/);
    const producer = createProducer({ redisUrl: redis.url });
    try {
      await runJobs(producer, jobs);
    } finally {
      await producer.close();
    }
    return await watchTraffic(redis.url, idleSeconds);
  } finally {
    await opened[Symbol.asyncDispose]();
  }
}
