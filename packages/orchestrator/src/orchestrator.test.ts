import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { keys } from "@rrq/protocol/redis";
import { createRegistry, inProcess, RetryAfter } from "@rrq/runner";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { OrchestratorOptions } from "./options.ts";
import { type Orchestrator, startOrchestrator } from "./orchestrator.ts";
import { NOW, openStore, type TestStore } from "./testing/open-store.ts";
import { silentLog } from "./testing/silent-log.ts";

let store: TestStore;
const opened: Orchestrator[] = [];
beforeEach(async () => {
  store = await openStore();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((orchestrator) => orchestrator.close({ cut: AbortSignal.abort() })));
  await store[Symbol.asyncDispose]();
});

const registry = () =>
  createRegistry()
    .register("echo", (params) => params)
    .register("fail", () => {
      throw new Error("boom");
    })
    .register("again", (_params, { attempt }) => {
      if (attempt < 3) throw new RetryAfter(0, "not yet");
      return { attempt };
    });

async function start(options: OrchestratorOptions & { registry?: ReturnType<typeof registry> } = {}): Promise<Orchestrator> {
  const { registry: handlers = registry(), settings, ...rest } = options;
  const orchestrator = await startOrchestrator({
    settings: { redisDsn: store.url, baseRetryDelaySeconds: 0.01, maxRetryDelaySeconds: 0.05, ...settings },
    runners: { main: inProcess(handlers) },
    log: silentLog,
    ...rest,
  });
  opened.push(orchestrator);
  return orchestrator;
}

const until = async (id: string, status: string): Promise<Record<string, string>> =>
  vi.waitFor(async () => {
    const hash = await store.hash(id);
    expect(hash["status"]).toBe(status);
    return hash;
  }, { timeout: 10_000, interval: 10 });

describe("an orchestrator with handlers in its process", () => {
  test("runs what waits, retries what fails, dead-letters what fails too often", async () => {
    await store.enqueue("echo", { function_name: "echo" });
    await store.enqueue("again", { function_name: "again" });
    await store.enqueue("fail", { function_name: "fail" });
    await store.enqueue("nobody", { function_name: "nobody" });
    await start();
    expect(await until("echo", "COMPLETED")).toMatchObject({ result: '{"n":1}', current_retries: "0" });
    expect(await until("again", "COMPLETED")).toMatchObject({ result: '{"attempt":3}', current_retries: "2" });
    expect(await until("fail", "FAILED")).toMatchObject({ last_error: "boom", current_retries: "3" });
    expect(await until("nobody", "FAILED")).toMatchObject({
      last_error: "No handler registered for function 'nobody'",
      current_retries: "1",
    });
    expect((await store.redis.lrange("rrq:dlq:default", 0, -1)).sort()).toEqual(["fail", "nobody"]);
  });

  test("[trap 29] is woken by an enqueue, and by a job that falls due", async () => {
    await start();
    await vi.waitFor(async () => expect(await store.redis.keys("rrq:health:worker:*")).toHaveLength(1));
    const soon = Date.now() + 400;
    await store.enqueue("later", { function_name: "echo" }, soon);
    const { start_time = "" } = await until("later", "COMPLETED");
    expect(Date.parse(start_time) - soon).toBeGreaterThanOrEqual(0);
    expect(Date.parse(start_time) - soon).toBeLessThan(300);
  });

  test("many ends are written once each: nothing is left in any queue or active set", async () => {
    const count = 2_000;
    const pipeline = store.redis.pipeline();
    for (let n = 0; n < count; n++) {
      pipeline.hset(keys.job(`j${n}`), {
        id: `j${n}`,
        function_name: n % 5 === 0 ? "again" : "echo",
        job_params: "{}",
        enqueue_time: "2026-01-01T00:00:00Z",
        status: "PENDING",
        nonce: "n",
      });
      pipeline.zadd("rrq:queue:default", NOW, `j${n}`);
    }
    await pipeline.exec();
    const orchestrator = await start({ burst: true });
    await orchestrator.stopped;
    const statuses = store.redis.pipeline();
    for (let n = 0; n < count; n++) statuses.hget(keys.job(`j${n}`), "status");
    const ended = (await statuses.exec())?.filter(([, status]) => status === "COMPLETED").length;
    expect(ended).toBe(count);
    expect(await store.redis.keys("rrq:queue:*")).toEqual([]);
    expect(await store.redis.keys("rrq:active:*")).toEqual([]);
    expect(await store.redis.keys("rrq:health:*")).toEqual([]);
    expect(await store.redis.smembers(keys.workers)).toEqual([]);
  });

  test("[orchestrator §12] a burst waits for what runs, and not for what is due later", async () => {
    await store.enqueue("slow", { function_name: "slow" });
    await store.enqueue("later", { function_name: "echo" }, Date.now() + 60_000);
    let running: (() => void) | undefined;
    const slow = registry().register("slow", () => new Promise<void>((resolve) => (running = resolve)));
    const orchestrator = await start({ burst: true, registry: slow });
    await vi.waitFor(() => expect(running).toBeDefined());
    running?.();
    await orchestrator.stopped;
    expect(await store.hash("slow")).toMatchObject({ status: "COMPLETED" });
    expect(await store.queued()).toEqual(["later"]);
  });

  test("[orchestrator §12] close() waits for what runs, within the grace", async () => {
    await store.enqueue("slow", { function_name: "slow" });
    let finish: (() => void) | undefined;
    const slow = registry().register("slow", () => new Promise<string>((resolve) => (finish = () => resolve("done"))));
    const orchestrator = await start({ registry: slow });
    await vi.waitFor(() => expect(finish).toBeDefined());
    const closed = orchestrator.close();
    await store.enqueue("waiting", { function_name: "echo" });
    finish?.();
    await closed;
    expect(await store.hash("slow")).toMatchObject({ status: "COMPLETED", result: '"done"' });
    expect(await store.hash("waiting")).toMatchObject({ status: "PENDING" });
  });

  test("[design §1] what the grace cuts goes back to its queue, at no cost", async () => {
    await store.enqueue("endless", { function_name: "endless" });
    let reason: unknown;
    let called = false;
    const endless = registry().register(
      "endless",
      (_params, { signal }) =>
        new Promise((_resolve, reject) => {
          called = true;
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            reject(new Error("stopped"));
          });
        }),
    );
    const orchestrator = await start({ registry: endless });
    await vi.waitFor(() => expect(called).toBe(true));
    await orchestrator.close({ cut: AbortSignal.abort() });
    expect(reason).toBeDefined();
    expect(await store.hash("endless")).toMatchObject({
      status: "PENDING",
      current_retries: "0",
      last_error: "Job execution interrupted by worker shutdown. Re-queued.",
    });
    expect(await store.queued()).toEqual(["endless"]);
  });

  test("[trap 53] a running job is cancelled on request, and ends as CANCELLED", async () => {
    await store.enqueue("endless", { function_name: "endless" });
    const endless = registry().register(
      "endless",
      (_params, { signal }) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
    );
    const orchestrator = await start({ registry: endless });
    await until("endless", "ACTIVE");
    await store.redis.hset(keys.job("endless"), "cancel", "1");
    await store.redis.publish(`rrq:ts:cancel:${orchestrator.workerId}`, "endless");
    await until("endless", "CANCELLED");
    expect(await store.queued()).toEqual([]);
  });

  test("[design §4] a handler that blocks the process for longer than the lease keeps its lease", async () => {
    const blocking = registry().register("block", () => {
      const until = performance.now() + 3_500;
      while (performance.now() < until);
      return "blocked";
    });
    const { workerId } = await start({ registry: blocking, settings: { leaseSeconds: 1 } });
    const workerData = { dsn: store.url, key: keys.health(workerId) };
    const watch = new Worker(new URL("testing/watch-heartbeat.mjs", import.meta.url), { workerData });
    await once(watch, "online");
    await store.enqueue("blocking", { function_name: "block" });
    expect(await until("blocking", "COMPLETED")).toMatchObject({ result: '"blocked"' });
    watch.postMessage("report");
    const [{ looks, missing }] = (await once(watch, "message")) as [{ looks: number; missing: number }];
    expect(looks).toBeGreaterThan(50);
    expect(missing).toBe(0);
  }, 20_000);

  test("[trap 26] a cron entry makes its jobs, once in the fleet", async () => {
    const settings = { cronJobs: [{ functionName: "echo", schedule: "* * * * * *", params: { from: "cron" } }] };
    await Promise.all([start({ settings }), start({ settings })]);
    const ids = await vi.waitFor(async () => {
      const found = await store.redis.keys("rrq:job:*");
      expect(found.length).toBeGreaterThanOrEqual(2);
      return found;
    }, { timeout: 5_000, interval: 20 });
    const slots = (await store.redis.keys("rrq:ts:cron:*")).length;
    expect(ids.length).toBeLessThanOrEqual(slots);
    await vi.waitFor(async () => expect(await store.redis.hget(ids[0] ?? "", "result")).toBe('{"from":"cron"}'));
  });

  test("two orchestrators share a queue; each job is run once", async () => {
    const count = 500;
    for (let n = 0; n < count; n++) await store.enqueue(`j${n}`, { function_name: "count" });
    const runs = new Map<string, number>();
    const counting = () =>
      createRegistry().register("count", (_params, { jobId }) => {
        runs.set(jobId, (runs.get(jobId) ?? 0) + 1);
      });
    const both = await Promise.all([start({ registry: counting(), burst: true }), start({ registry: counting(), burst: true })]);
    await Promise.all(both.map(({ stopped }) => stopped));
    expect(runs.size).toBe(count);
    expect([...runs.values()].every((times) => times === 1)).toBe(true);
  });
});

test("a signal closes it, and so does disposing of it: `stopped` resolves", async () => {
  const stop = new AbortController();
  const orchestrator = await start({ signal: stop.signal });
  stop.abort();
  await orchestrator.stopped;
  const other = await start();
  await other[Symbol.asyncDispose]();
  await other.stopped;
  expect(await store.redis.keys("rrq:health:*")).toEqual([]);
});

test("[trap 40] a signal while runners start: none is left, and nothing waits for them", async () => {
  const stop = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), "rrq-start-"));
  const pidFile = join(folder, "pid");
  const code = `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000)`;
  const starting = startOrchestrator({
    settings: { redisDsn: store.url, runners: { slow: { cmd: [process.execPath, "-e", code, "--"], tcpPort: 39_700, poolSize: 1 } } },
    signal: stop.signal,
    log: silentLog,
  });
  const pid = await vi.waitFor(async () => Number(await readFile(pidFile, "utf8")), { timeout: 10_000 });
  stop.abort();
  await expect(starting).rejects.toMatchObject({ code: "ABORTED" });
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"));
  await rm(folder, { recursive: true });
});

describe("what is settled before anything is opened", () => {
  test.each<[string, OrchestratorOptions, string]>([
    ["no runner at all", { runners: {} }, "[rrq.runners.python]"],
    ["a default runner that does not exist", { settings: { defaultRunnerName: "rust" } }, "runner 'rust', which does not exist"],
    ["no queues", { queues: [] }, "no queue to take jobs from"],
    ["[trap 27] a bad cron schedule", { settings: { cronJobs: [{ functionName: "x", schedule: "* * * * *" }] } }, "invalid cron schedule '* * * * *'"],
    ["a file and settings", { config: "rrq.toml" }, "either config or settings"],
  ])("%s is refused and told", async (_title, options, text) => {
    await expect(start(options)).rejects.toThrow(text);
  });

  test("a DSN that cannot be read", async () => {
    await expect(start({ settings: { redisDsn: "http://localhost" } })).rejects.toMatchObject({ name: "RrqError" });
  });
});
