import { startPrivateRedis } from "@rrq/private-redis";
import { createRegistry, inProcess } from "@rrq/runner";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { OrchestratorOptions } from "./options.ts";
import { type Orchestrator, startOrchestrator } from "./orchestrator.ts";
import { keptLog } from "./testing/kept-log.ts";
import { openStore, QUEUE, type TestStore } from "./testing/open-store.ts";
import { logBodies, openOtlpCollector, type OtlpCollector, spansOf } from "./testing/otlp-collector.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const { log, records } = keptLog();

let store: TestStore;
const opened: AsyncDisposable[] = [];
beforeEach(async () => {
  store = await openStore();
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  records.length = 0;
});

function use<T extends AsyncDisposable>(resource: T): T {
  opened.push(resource);
  return resource;
}

const registry = () =>
  createRegistry()
    .register("echo", (params) => params)
    .register("fail", () => {
      throw new RangeError("boom");
    });

function start(settings: OrchestratorOptions["settings"] = {}, options: OrchestratorOptions = {}): Promise<Orchestrator> {
  const own = { redisDsn: store.url, http: { port: 0 }, baseRetryDelaySeconds: 0.01, maxRetryDelaySeconds: 0.05, leaseSeconds: 2, ...settings };
  return startOrchestrator({ settings: own, runners: { main: inProcess(registry()) }, log, ...options });
}

/** Where health and metrics are served, as the log tells it. */
async function served(): Promise<string> {
  const record = await vi.waitFor(() => records.find(({ message }) => message.includes("are served")) ?? expect.fail("not served"));
  return `http://${String(record.fields["address"])}`;
}

async function ready(url: string): Promise<{ status: number; reasons: string[] }> {
  const response = await fetch(`${url}/ready`);
  const { reasons } = (await response.json()) as { reasons: { code: string }[] };
  return { status: response.status, reasons: reasons.map(({ code }) => code) };
}

async function ended(id: string, status: string): Promise<void> {
  await vi.waitFor(async () => expect((await store.hash(id))["status"]).toBe(status), { timeout: 10_000, interval: 10 });
}

describe("[design §8] health over HTTP", () => {
  test("ready while it works, on loopback; nobody listens after its end", async () => {
    const orchestrator = use(await start());
    const url = await served();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await ready(url)).toEqual({ status: 200, reasons: [] });
    await orchestrator.close();
    await expect(fetch(`${url}/live`)).rejects.toThrow();
  });

  test("nothing is served unless it is asked for", async () => {
    use(await start({ http: null }));
    expect(records.filter(({ message }) => message.includes("served"))).toEqual([]);
  });

  test("live, and not ready, while it waits for Redis", async () => {
    const server = use(await startPrivateRedis());
    await server.kill("SIGKILL");
    const stopping = new AbortController();
    const starting = start({ redisDsn: server.url }, { signal: stopping.signal });
    const url = await served();
    expect([(await fetch(`${url}/live`)).status, await ready(url)]).toEqual([200, { status: 503, reasons: ["STARTING"] }]);
    stopping.abort();
    await expect(starting).rejects.toMatchObject({ code: "ABORTED" });
    await expect(fetch(`${url}/live`)).rejects.toThrow();
  });

  test("[design §2] not ready while Redis is away, and while it stands still; ready again after", async () => {
    const server = use(await startPrivateRedis());
    use(await start({ redisDsn: server.url }));
    const url = await served();
    const becomes = (expected: object): Promise<void> =>
      vi.waitFor(async () => expect(await ready(url)).toEqual(expected), { timeout: 15_000, interval: 50 });
    await server.kill("SIGKILL");
    await becomes({ status: 503, reasons: ["REDIS_AWAY"] });
    await server.restart();
    await becomes({ status: 200, reasons: [] });
    process.kill(server.pid ?? 0, "SIGSTOP");
    await becomes({ status: 503, reasons: ["REDIS_AWAY"] });
    process.kill(server.pid ?? 0, "SIGCONT");
    await becomes({ status: 200, reasons: [] });
  });

  test("not ready while it stops", async () => {
    let release: () => void = () => undefined;
    const held = createRegistry().register("hold", () => new Promise<void>((resolve) => (release = resolve)));
    const orchestrator = use(await start({}, { runners: { main: inProcess(held) } }));
    await store.enqueue("held", { function_name: "hold" });
    await ended("held", "ACTIVE");
    const url = await served();
    const closing = orchestrator.close();
    await vi.waitFor(async () => expect(await ready(url)).toEqual({ status: 503, reasons: ["STOPPING"] }));
    release();
    await closing;
  });
});

test("[design §8] [telemetry §5] /metrics counts what the engine does, without any SDK", async () => {
  use(await start());
  await store.enqueue("a", { function_name: "echo" });
  await store.enqueue("b", { function_name: "fail", max_retries: "2" });
  await ended("a", "COMPLETED");
  await ended("b", "FAILED");
  await store.enqueue("waits", { function_name: "echo" }, Date.now() + 60_000);
  const url = await served();
  await vi.waitFor(async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain(`rrq_jobs_processed_total{queue="${QUEUE}",runner="main",outcome="success"} 1\n`);
    expect(text).toContain(`rrq_jobs_processed_total{queue="${QUEUE}",runner="main",outcome="error"} 2\n`);
    expect(text).toContain(`rrq_jobs_fetched_total{queue="${QUEUE}"} 3\n`);
    expect(text).toContain(`rrq_queue_depth{queue="${QUEUE}"} 1\n`);
    expect(text).toContain("rrq_jobs_running 0\n");
    expect(text).toMatch(/rrq_poll_cycles_total\{result="fetched"\} \d/);
  });
});

test("[telemetry §6] [trap 58] the log says how a job failed and what became of it, each line with its id", async () => {
  use(await start());
  await store.enqueue("a", { function_name: "echo" });
  await store.enqueue("b", { function_name: "fail", max_retries: "2" });
  await ended("a", "COMPLETED");
  await ended("b", "FAILED");
  await vi.waitFor(() => expect(records.map(({ message }) => message)).toContain("job moved to dlq"));
  const told = (id: string): string[] => records.filter(({ fields }) => fields["rrq.job_id"] === id).map(({ message }) => message);
  expect(told("a")).toEqual(["job completed"]);
  expect(told("b")).toEqual([
    "job failed",
    "retrying failed job",
    "job failed",
    "failure exhausted retry budget; moving job to dlq",
    "job moved to dlq",
  ]);
});

describe("[telemetry §2] with an OTLP endpoint in the environment", () => {
  let collector: OtlpCollector;
  beforeEach(async () => {
    collector = use(await openOtlpCollector());
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url);
  });

  test("[trap 59] [telemetry §8] producer, job and handler are one trace, sent by the end of the orchestrator", async () => {
    const orchestrator = use(await start());
    const trace_context = JSON.stringify({ traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` });
    await store.enqueue("a", { function_name: "echo", trace_context });
    await ended("a", "COMPLETED");
    await orchestrator.close();
    const spans = collector.at("/v1/traces").flatMap(spansOf);
    const job = spans.find(({ name }) => name === "rrq.job");
    const handler = spans.find(({ name }) => name === "rrq.runner");
    expect(job).toMatchObject({ traceId: TRACE_ID, parentId: "b7ad6b7169203331" });
    expect(handler).toMatchObject({ traceId: TRACE_ID, parentId: job?.id });
    expect(collector.at("/v1/logs").flatMap(logBodies)).toContain("worker stopped");
  });

  test("[telemetry §1] a cron job carries the span that made it", async () => {
    const cronJobs = [{ functionName: "echo", schedule: "* * * * * *" }];
    const orchestrator = use(await start({ cronJobs }));
    const job = await vi.waitFor(
      async () => {
        const [key = expect.fail("no job yet")] = await store.redis.keys("rrq:job:*");
        return store.redis.hgetall(key);
      },
      { timeout: 10_000, interval: 50 },
    );
    await orchestrator.close();
    const made = collector.at("/v1/traces").flatMap(spansOf).filter(({ name }) => name === "rrq.enqueue");
    const { traceparent } = JSON.parse(job["trace_context"] ?? "{}") as { traceparent?: string };
    expect(made.map(({ traceId, id }) => `00-${traceId}-${id}-01`)).toContain(traceparent);
  });
});
