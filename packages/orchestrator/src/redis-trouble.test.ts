import { type PrivateRedis, startPrivateRedis } from "@rrq/private-redis";
import { connect } from "@rrq/producer/redis";
import { JsonText } from "@rrq/protocol";
import { keys, newJobFields } from "@rrq/protocol/redis";
import { createRegistry, inProcess } from "@rrq/runner";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startOrchestrator } from "./orchestrator.ts";
import { silentLog } from "./testing/silent-log.ts";

let server: PrivateRedis;
let redis: Redis;
beforeEach(async () => {
  // Every write is on disk before it is answered: what a kill of the server takes back was not answered.
  server = await startPrivateRedis({ appendfsync: "always" });
  redis = await connect(server.url);
});
afterEach(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});

async function enqueue(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `job-${n}`);
  const pipeline = redis.pipeline();
  for (const id of ids) {
    const fields = newJobFields({
      id,
      functionName: "work",
      params: new JsonText("{}"),
      enqueuedAt: Date.now(),
      runAt: Date.now(),
      maxRetries: 1,
      timeoutSeconds: 60,
      resultTtlSeconds: 600,
      queue: "default",
      nonce: "n",
    });
    pipeline.hset(keys.job(id), ...fields).zadd(keys.queue("default"), Date.now(), id);
  }
  await pipeline.exec();
  return ids;
}

async function statuses(ids: readonly string[]): Promise<Record<string, number>> {
  const replies = await Promise.all(ids.map((id) => redis.hget(keys.job(id), "status")));
  const counts: Record<string, number> = {};
  for (const status of replies) counts[status ?? "gone"] = (counts[status ?? "gone"] ?? 0) + 1;
  return counts;
}

describe("[trap 5] Redis in trouble under load", { timeout: 60_000 }, () => {
  test.each<[string, () => Promise<void>]>([
    [
      "killed and started again",
      async () => {
        await server.kill("SIGKILL");
        await server.restart();
      },
    ],
    [
      "frozen for two seconds",
      async () => {
        const frozen = server.pid ?? 0;
        process.kill(frozen, "SIGSTOP");
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        process.kill(frozen, "SIGCONT");
      },
    ],
    [
      "its connections killed again and again, its scripts forgotten",
      async () => {
        for (let n = 0; n < 20; n++) {
          await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
          await redis.call("CLIENT", "KILL", "TYPE", "pubsub");
          await redis.call("SCRIPT", "FLUSH");
        }
      },
    ],
  ])("%s: every job ends once, and no attempt is spent", async (_title, trouble) => {
    const runs = new Map<string, number>();
    const registry = createRegistry().register("work", async (_params, { jobId }) => {
      runs.set(jobId, (runs.get(jobId) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return "done";
    });
    const ids = await enqueue(3_000);
    await using orchestrator = await startOrchestrator({
      settings: { redisDsn: server.url, leaseSeconds: 3 },
      runners: { main: inProcess(registry, { maxInFlight: 20 }) },
      log: silentLog,
    });
    await vi.waitFor(() => expect(runs.size).toBeGreaterThan(200), { timeout: 20_000 });
    expect(runs.size).toBeLessThan(3_000);
    await trouble();
    // One attempt is all that each job has: a spent one would leave it FAILED.
    await vi.waitFor(async () => expect(await statuses(ids)).toEqual({ COMPLETED: 3_000 }), { timeout: 40_000, interval: 200 });
    expect(await redis.keys("rrq:queue:*")).toEqual([]);
    await vi.waitFor(async () => expect(await redis.keys("rrq:active:*")).toEqual([]), { timeout: 10_000 });
    expect(orchestrator.workerId).toMatch(/^rrq_worker_/);
  });

  test("away for longer than redis_unavailable_exit_seconds: it gives up and says why", async () => {
    const orchestrator = await startOrchestrator({
      settings: { redisDsn: server.url, leaseSeconds: 1, redisUnavailableExitSeconds: 1 },
      runners: { main: inProcess(createRegistry()) },
      log: silentLog,
    });
    await server.kill("SIGKILL");
    await expect(orchestrator.stopped).rejects.toMatchObject({
      code: "REDIS_UNAVAILABLE",
      message: expect.stringContaining("redis_unavailable_exit_seconds") as string,
    });
  });
});

test("[design §2] an eviction policy that deletes jobs is a loud warning", async () => {
  await redis.config("SET", "maxmemory-policy", "allkeys-lru");
  const errors: string[] = [];
  await using _orchestrator = await startOrchestrator({
    settings: { redisDsn: server.url },
    runners: { main: inProcess(createRegistry()) },
    log: { ...silentLog, error: (message) => errors.push(message) },
  });
  expect(errors).toEqual(["Redis will DELETE JOBS when its memory is full: set maxmemory-policy to noeviction"]);
});
