import { readFile } from "node:fs/promises";
import * as api from "@opentelemetry/api";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { JsonText } from "@rrq/protocol";
import { systemClock } from "@rrq/protocol/runtime";
import { afterEach, describe, expect, test, vi } from "vitest";
import { buildJob } from "../testing/build-job.ts";
import { keptLog } from "../testing/kept-log.ts";
import {
  logAttributes,
  logBodies,
  metricNames,
  openOtlpCollector,
  type OtlpCollector,
  resourceOf,
  scopeNames,
  spanNames,
} from "../testing/otlp-collector.ts";
import { PACKAGES } from "./load-sdk.ts";
import { type OpenedTelemetry, openTelemetry } from "./open-telemetry.ts";
import { registeredTracer } from "./registered-tracer.ts";

const OTLP = "OTEL_EXPORTER_OTLP_ENDPOINT";
const { log, records } = keptLog();
const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
  records.length = 0;
});

async function collector(status?: number | "never"): Promise<OtlpCollector> {
  const one = await openOtlpCollector(status);
  opened.push(one);
  return one;
}

async function open(env: Record<string, string>): Promise<OpenedTelemetry> {
  const one = await openTelemetry({ env, workerId: "w", meter: null, clock: systemClock, log });
  opened.push(one);
  return one;
}

const close = async (one: OpenedTelemetry): Promise<void> => one[Symbol.asyncDispose]();

function runJob({ telemetry }: OpenedTelemetry): void {
  telemetry.startJob(buildJob(), "main")?.end({ type: "success", result: new JsonText("1") });
}

const warnings = (): unknown[] => records.filter(({ level }) => level === "warn").map(({ message, fields }) => [message, fields]);

describe("[telemetry §2] with OTEL_EXPORTER_OTLP_ENDPOINT set", () => {
  test("[trap 59] spans, metrics and logs of the last moment arrive, as protobuf over HTTP", async () => {
    const { url, at, received } = await collector();
    const one = await open({ [OTLP]: `${url}/?key=1` });
    runJob(one);
    one.log.child({ target: "rrq::worker" }).warn("worker stopped", { worker_id: "w", deep: { n: 1 } });
    await close(one);
    expect(at("/v1/traces?key=1").flatMap(spanNames)).toEqual(["rrq.job"]);
    expect(at("/v1/traces?key=1").flatMap(scopeNames)).toEqual(["rrq"]);
    expect(at("/v1/metrics?key=1").flatMap(metricNames).sort()).toEqual(["rrq_job_duration_ms", "rrq_jobs_processed_total", "rrq_queue_wait_ms"]);
    expect(at("/v1/metrics?key=1").flatMap(scopeNames)).toEqual(["rrq.orchestrator"]);
    const logs = at("/v1/logs?key=1");
    expect(logs.flatMap(logBodies)).toContain("worker stopped");
    expect(logs.flatMap(scopeNames)).toContain("rrq::worker");
    expect(Object.assign({}, ...logs.map(logAttributes))).toMatchObject({ worker_id: "w" });
    expect(received.map(({ headers }) => headers["content-type"])).toEqual(Array(3).fill("application/x-protobuf"));
  });

  test("[telemetry §6] what is exported is told in the log too, and filtered as it is", async () => {
    const { url, at } = await collector();
    const one = await open({ [OTLP]: url, RUST_LOG: "warn" });
    one.log.info("not exported");
    one.log.warn("exported");
    await close(one);
    expect(at("/v1/logs").flatMap(logBodies)).toEqual(["exported"]);
    expect(records.map(({ message }) => message).slice(-2)).toEqual(["not exported", "exported"]);
  });

  test("the resource has the service, what describes it, and the SDK's own", async () => {
    const { url, received } = await collector();
    const env = { [OTLP]: url, OTEL_SERVICE_NAME: "mailer", OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=prod,service.version='1.2'" };
    const one = await open(env);
    runJob(one);
    one.log.info("hello");
    await close(one);
    expect(received).toHaveLength(3);
    for (const { body } of received) {
      expect(resourceOf(body)).toMatchObject({
        "service.name": "mailer",
        "deployment.environment": "prod",
        "service.version": "1.2",
        "telemetry.sdk.language": "nodejs",
      });
    }
  });

  test("[config §7] headers go with each request, those of a signal over those of all", async () => {
    const { url, received } = await collector();
    const env = { [OTLP]: url, OTEL_EXPORTER_OTLP_HEADERS: "api-key=all,p=a%20b", OTEL_EXPORTER_OTLP_TRACES_HEADERS: "API-Key=own" };
    const one = await open(env);
    runJob(one);
    await close(one);
    const keys = Object.fromEntries(received.map(({ path, headers }) => [path, [headers["api-key"], headers["p"]]]));
    expect(keys).toMatchObject({ "/v1/traces": ["own", "a b"], "/v1/metrics": ["all", "a b"] });
  });

  test("[config §7] a signal goes where its own variable says, as it stands, and nowhere if that is blank", async () => {
    const { url, received } = await collector();
    const one = await open({ [OTLP]: url, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/mine`, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "" });
    runJob(one);
    one.log.warn("not exported");
    await close(one);
    expect(received.map(({ path }) => path).sort()).toEqual(["/mine", "/v1/metrics"]);
  });

  test("metrics are sent as often as OTEL_METRIC_EXPORT_INTERVAL says", async () => {
    const { url, at } = await collector();
    const one = await open({ [OTLP]: url, OTEL_METRIC_EXPORT_INTERVAL: "20" });
    runJob(one);
    await vi.waitFor(() => expect(at("/v1/metrics").length).toBeGreaterThan(1), { interval: 10, timeout: 10_000 });
  });

  test("[telemetry §1] W3C trace context and baggage go from the job to its runner", async () => {
    const one = await open({ [OTLP]: (await collector()).url });
    const traceContext = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", baggage: "tenant=t" };
    const headers = one.telemetry.startJob(buildJob({ traceContext }), "main")?.dispatch({ requestId: "r", timeoutMs: 1 });
    expect(headers).toMatchObject({ traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad)/) as string, baggage: "tenant=t" });
  });

  test("OTEL_SDK_DISABLED turns all of it off", async () => {
    const { url, received } = await collector();
    const one = await open({ [OTLP]: url, OTEL_SDK_DISABLED: "true" });
    runJob(one);
    await close(one);
    expect(received).toEqual([]);
    expect(one.log).toBe(log);
  });
});

describe("[telemetry §2] [trap 59] a collector that does not take it", () => {
  /** Milliseconds to close after one job. */
  async function closing(endpoint: string): Promise<number> {
    const one = await open({ [OTLP]: endpoint });
    runJob(one);
    one.log.warn("lost");
    const startedAt = systemClock.monotonic();
    await close(one);
    return systemClock.monotonic() - startedAt;
  }

  test("that refuses the connection is silent, and costs no time", async () => {
    const gone = await openOtlpCollector();
    await gone[Symbol.asyncDispose]();
    expect(await closing(gone.url)).toBeLessThan(1_900);
    expect(warnings()).toEqual([["lost", {}]]);
  });

  test.each([400, 429, 503])("that answers %i is silent, and asked once", async (status) => {
    const { url, at } = await collector(status);
    expect(await closing(url)).toBeLessThan(1_900);
    expect(at("/v1/traces")).toHaveLength(1);
    expect(warnings()).toEqual([["lost", {}]]);
  });

  test("that never answers holds the end up for two seconds, and keeps no process alive after that", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const { url } = await collector("never");
    const before = timers();
    const ms = await closing(url);
    expect(ms).toBeGreaterThan(1_900);
    expect(ms).toBeLessThan(8_000);
    expect(timers()).toBeLessThanOrEqual(before);
  });
});

describe("[telemetry §2] what cannot be exported is told, and the rest goes on", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["an address that is none", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "nowhere" }, /Invalid URL/],
    ["another scheme", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "grpc://c:4317" }, /http or https, not grpc:/],
    ["a header that is none", { OTEL_EXPORTER_OTLP_TRACES_HEADERS: "a b=c" }, /header name/i],
  ])("%s", async (_title, env, reason) => {
    const { url, at } = await collector();
    const one = await open({ [OTLP]: url, ...env });
    expect(warnings()).toEqual([["OpenTelemetry tracing exporter failed to initialize", { error: expect.stringMatching(reason) as string }]]);
    runJob(one);
    await close(one);
    expect(at("/v1/metrics")).toHaveLength(1);
  });

  test("without the SDK: a warning with the command that brings it", async () => {
    vi.resetModules();
    vi.doMock("@opentelemetry/sdk-trace-node", () => {
      throw new Error("Cannot find package");
    });
    const { url, at } = await collector();
    const { openTelemetry: openFresh } = await import("./open-telemetry.ts");
    const one = await openFresh({ env: { [OTLP]: url }, workerId: "w", meter: null, clock: systemClock, log });
    opened.push(one);
    runJob(one);
    await close(one);
    vi.doUnmock("@opentelemetry/sdk-trace-node");
    expect(warnings()).toEqual([
      [
        "OpenTelemetry is not installed: the environment asks for an export that cannot be",
        { signals: ["traces"], install: "pnpm add '@opentelemetry/sdk-trace-node@^2.12.0'" },
      ],
    ]);
    expect([at("/v1/traces").length, at("/v1/metrics").length]).toEqual([0, 1]);
  });

  test("[design §8] that command asks for what the package's peers allow", async () => {
    const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
    const { peerDependencies } = JSON.parse(text) as { peerDependencies: Record<string, string> };
    expect(Object.keys(peerDependencies).sort()).toEqual(Object.keys(PACKAGES).map((name) => `@opentelemetry/${name}`).sort());
    for (const [name, range] of Object.entries(PACKAGES)) {
      const lowest = /\d+\.\d+\.\d+/;
      expect(lowest.exec(peerDependencies[`@opentelemetry/${name}`] ?? "")?.[0]).toBe(lowest.exec(range)?.[0]);
    }
  });
});

describe("[design §4] what is registered for the whole process", () => {
  test("is taken back at the end", async () => {
    const one = await open({ [OTLP]: (await collector()).url });
    expect(registeredTracer(api, "x")).not.toBeNull();
    await close(one);
    expect(registeredTracer(api, "x")).toBeNull();
    expect(api.propagation.fields()).toEqual([]);
    const probe = api.ROOT_CONTEXT.setValue(Symbol("probe"), true);
    expect(api.context.with(probe, () => api.context.active())).toBe(api.ROOT_CONTEXT);
  });

  test("never takes the place of the program's own SDK", async () => {
    const own = new NodeTracerProvider();
    own.register();
    try {
      const { url, at } = await collector();
      const one = await open({ [OTLP]: url });
      expect(records.map(({ message, fields }) => [message, fields["signal"]])).toContainEqual([
        "an OpenTelemetry SDK is registered already, and exports as it likes",
        "traces",
      ]);
      runJob(one);
      await close(one);
      expect([at("/v1/traces").length, at("/v1/metrics").length]).toEqual([0, 1]);
      expect(api.propagation.fields()).not.toEqual([]);
      expect(registeredTracer(api, "x")).not.toBeNull();
    } finally {
      await own.shutdown();
      for (const each of [api.trace, api.metrics, api.context, api.propagation]) each.disable();
    }
  });
});
