import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, type PrivateRedis, startGuard, startPrivateRedis } from "@rrq/private-redis";
import { createProducer, type Producer } from "@rrq/producer";
import { ResourceStack } from "@rrq/protocol/runtime";
import { type Program, startProgram } from "../program.ts";
import { rrqCommand } from "../rrq-command.ts";
import { formatRrqToml } from "../rrq-toml.ts";
import { openTemporaryFolder } from "../temporary-folder.ts";
import { sweep } from "./sweep.ts";

/** What the demo plays on. Disposing of it leaves no process, port or file. */
export interface Stage extends AsyncDisposable {
  readonly redis: PrivateRedis;
  readonly producer: Producer;
  /** `rrq worker run`. */
  readonly orchestrator: Program;
  /** In every key of this demo: queue, dead-letter queue, ids. A Redis that was given to us may have others. */
  readonly name: string;
  /** Another queue, for jobs that must not wait behind the many. */
  readonly punctualQueue: string;
}

const PACKAGE_FOLDER = join(import.meta.dirname, "../..");
/** Time to fetch nothing and start three processes on a machine that is busy. */
const START_LIMIT_MS = 60_000;

/** Redis, one orchestrator with two runner processes, a producer. Stops in the middle when `signal` aborts. */
export async function openStage(signal: AbortSignal): Promise<Stage> {
  const opening = new ResourceStack();
  try {
    const folder = opening.use(await openTemporaryFolder()).path;
    // Should we be killed, the orchestrator goes too; its runners notice that by themselves.
    const guard = startGuard(folder);
    opening.defer(() => guard.dismiss());
    const redis = opening.use(await startPrivateRedis({ dsn: process.env["RRQ_REDIS_DSN"] }));
    signal.throwIfAborted();

    const name = `demo-${randomBytes(3).toString("hex")}`;
    const punctualQueue = `${name}-punctual`;
    if (redis.pid === undefined) opening.defer(() => sweep(redis.url, name));
    const config = join(folder, "rrq.toml");
    await writeFile(config, await configFor(redis.url, name), { mode: 0o600 });
    const command = [...rrqCommand, "worker", "run", "--config", config, "--queue", name, "--queue", punctualQueue];
    // Its log is how we know that it has started.
    const env = { ...process.env, RUST_LOG: "info" };
    const orchestrator = await startProgram(command, { cwd: folder, env, ownGroup: true });
    opening.use(orchestrator);
    guard.watch(orchestrator.pid);
    void orchestrator.exited.then(() => guard.watch(undefined));
    await orchestrator.says(/worker started/, { limitMs: START_LIMIT_MS, signal });

    const producer = opening.use(createProducer({ redisUrl: redis.url, defaults: { queue: name }, signal }));
    const opened = opening.move();
    return { redis, producer, orchestrator, name, punctualQueue, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  } catch (error) {
    await opening[Symbol.asyncDispose]();
    throw error;
  }
}

async function configFor(redisUrl: string, name: string): Promise<string> {
  return formatRrqToml({
    rrq: {
      redis_dsn: redisUrl,
      default_queue_name: name,
      default_dlq_name: name,
      base_retry_delay_seconds: 0.2,
      max_retry_delay_seconds: 1,
      worker_shutdown_grace_period_seconds: 2,
    },
    runners: {
      files: {
        cmd: [process.execPath, "--import", "tsx", join(import.meta.dirname, "runner.ts")],
        cwd: PACKAGE_FOLDER,
        tcp_port: await freePort(),
        pool_size: 2,
        max_in_flight: 8,
      },
    },
  });
}
