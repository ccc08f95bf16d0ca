import { setImmediate } from "node:timers/promises";
import { type Attributes, context, metrics, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { outcome } from "@rrq/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Registry } from "./registry.ts";
import { RetryAfter } from "./retry-after.ts";
import { buildRequest } from "./test-support/requests.ts";
import { RunnerBench } from "./test-support/runner-bench.ts";
import type { SocketClient } from "./test-support/socket-client.ts";

const PRODUCER = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

const handlers = (registry: Registry): void => {
  registry.register("work", async () => {
    await setImmediate();
    trace.getTracer("app").startSpan("query").end();
    return 1;
  });
  registry.register("fail", () => {
    throw new RangeError("no funds");
  });
  registry.register("return failure", () => outcome.failure({ message: "declined", type: "Card" }));
  registry.register("retry", () => {
    throw new RetryAfter(1.5, "rate limited");
  });
};

describe("[telemetry §4] without an SDK", () => {
  test("jobs run as ever", async () => {
    await using bench = await RunnerBench.open(handlers);
    const client = await bench.connect();
    client.request(buildRequest("work", { traceContext: PRODUCER }));
    expect((await client.response()).outcome.type).toBe("success");
  });
});

describe("with an SDK that was registered after the runner had started", () => {
  const spans = new InMemorySpanExporter();
  let bench: RunnerBench;
  let client: SocketClient;
  let meters: InMemoryMetricExporter;
  let meterProvider: MeterProvider;

  beforeEach(async () => {
    vi.stubEnv("OTEL_SERVICE_NAME", "mailer");
    bench = await RunnerBench.open(handlers);
    client = await bench.connect();
    spans.reset();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
    meters = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: meters })] });
    metrics.setGlobalMeterProvider(meterProvider);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await bench[Symbol.asyncDispose]();
    await meterProvider.shutdown();
    trace.disable();
    metrics.disable();
    context.disable();
    propagation.disable();
  });

  /** The span `rrq.runner` of the only job so far. */
  const spanOf = (): ReadableSpan =>
    spans.getFinishedSpans().find(({ name }) => name === "rrq.runner") ?? expect.fail("no span rrq.runner");

  async function run(functionName: string, change: Parameters<typeof buildRequest>[1] = {}): Promise<ReadableSpan> {
    client.request(buildRequest(functionName, change));
    await client.response();
    return spanOf();
  }

  /** The data points of an instrument, without times. */
  async function points(name: string): Promise<{ value: unknown; attributes: Attributes }[]> {
    await meterProvider.forceFlush();
    const scopes = meters.getMetrics().at(-1)?.scopeMetrics ?? [];
    const ours = scopes.find(({ scope }) => scope.name === "rrq.runner")?.metrics ?? [];
    const metric = ours.find(({ descriptor }) => descriptor.name === name) ?? expect.fail(`no instrument ${name}`);
    return metric.dataPoints.map(({ value, attributes }) => ({
      value: typeof value === "object" ? value.count : value,
      attributes,
    }));
  }

  describe("[runner §8.2] the span of an attempt", () => {
    test("[telemetry §1] is a consumer's, a child of the producer's span", async () => {
      const span = await run("work", { traceContext: PRODUCER });
      expect(span.kind).toBe(SpanKind.CONSUMER);
      expect(span.instrumentationScope.name).toBe("rrq");
      expect(span.spanContext().traceId).toBe("0af7651916cd43dd8448eb211c80319c");
      expect(span.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
    });

    test("is the root without one", async () => {
      expect((await run("work")).parentSpanContext).toBeUndefined();
    });

    test("is active in the handler, so that the handler's spans are its children", async () => {
      const span = await run("work");
      const query = spans.getFinishedSpans().find(({ name }) => name === "query");
      expect(query?.parentSpanContext?.spanId).toBe(span.spanContext().spanId);
    });

    test("[telemetry §7] tells the job, the queue, the times and the correlation", async () => {
      const enqueueTime = new Date(bench.clock.now() - 1_500).toISOString();
      const deadline = new Date(bench.clock.now() + 30_000).toISOString();
      const span = await run("work", {
        jobId: "j", attempt: 2, workerId: "w", enqueueTime, deadline,
        correlationContext: { tenant_id: "t-1", "": "dropped", empty: "" },
      });
      expect(span.attributes).toEqual({
        "rrq.job_id": "j",
        "rrq.function": "work",
        "rrq.queue": "rrq:queue:default",
        "rrq.attempt": 2,
        "rrq.worker_id": "w",
        "rrq.deadline": deadline,
        "rrq.deadline_remaining_ms": 30_000,
        "rrq.queue_wait_ms": 1_500,
        "span.kind": "consumer",
        "messaging.system": "redis",
        "messaging.destination.name": "rrq:queue:default",
        "messaging.destination_kind": "queue",
        "messaging.operation": "process",
        tenant_id: "t-1",
        "rrq.outcome": "success",
        "rrq.duration_ms": 0,
      });
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
    });

    test("waits and remaining times are never negative", async () => {
      const span = await run("work", { enqueueTime: "2999-01-01T00:00:00Z", deadline: "2020-01-01T00:00:00Z" });
      expect(span.attributes).toMatchObject({ "rrq.queue_wait_ms": 0, "rrq.deadline_remaining_ms": 0 });
    });

    test.each<[string, Attributes, SpanStatusCode, number]>([
      ["fail", { "rrq.outcome": "error", "rrq.error_message": "no funds", "rrq.error_type": "RangeError" }, SpanStatusCode.ERROR, 1],
      ["return failure", { "rrq.outcome": "error", "rrq.error_message": "declined", "rrq.error_type": "Card" }, SpanStatusCode.ERROR, 0],
      ["nope", { "rrq.outcome": "error", "rrq.error_type": "handler_not_found" }, SpanStatusCode.ERROR, 0],
      ["retry", { "rrq.outcome": "retry", "rrq.retry_delay_ms": 1_500, "rrq.reason": "rate limited" }, SpanStatusCode.UNSET, 0],
    ])("of %s tells the outcome, with the status and the exception", async (functionName, attributes, status, exceptions) => {
      const span = await run(functionName);
      expect(span.attributes).toMatchObject(attributes);
      expect(span.status.code).toBe(status);
      expect(span.events.filter(({ name }) => name === "exception")).toHaveLength(exceptions);
    });

    test("[runner §5] ends when a timed-out or cancelled job is answered for", async () => {
      client.request(buildRequest("hold", { jobId: "slow", timeoutMs: 1_000 }), buildRequest("hold", { jobId: "stopped" }));
      await bench.holding("stopped");
      client.cancel({ jobId: "stopped", requestId: null });
      await vi.waitFor(() => expect(bench.held.get("stopped")?.signal.aborted).toBe(true), { interval: 1 });
      await bench.clock.advance(3_000);
      await client.responses(2);
      const ended = spans.getFinishedSpans().map(({ attributes, status }) => [attributes["rrq.job_id"], attributes["rrq.outcome"], status.code]);
      expect(ended.sort()).toEqual([
        ["slow", "timeout", SpanStatusCode.ERROR],
        ["stopped", "cancelled", SpanStatusCode.UNSET],
      ]);
    });
  });

  describe("[runner §8.3] metrics", () => {
    test("[telemetry §5] count jobs by outcome and function, and time them", async () => {
      for (const functionName of ["work", "work", "fail", "retry"]) await run(functionName);
      const labels = (name: string, label: string): Attributes => ({ runner: "mailer", outcome: label, function: name });
      const jobs = [labels("work", "success"), labels("fail", "error"), labels("retry", "retry")];
      expect(await points("rrq_runner_jobs_total")).toEqual([2, 1, 1].map((value, n) => ({ value, attributes: jobs[n] })));
      expect(await points("rrq_runner_job_duration_ms")).toEqual([2, 1, 1].map((value, n) => ({ value, attributes: jobs[n] })));
    });

    test("show what is in flight, in the process and on a connection", async () => {
      client.request(buildRequest("hold", { jobId: "a" }), buildRequest("hold", { jobId: "b" }));
      await bench.holding("b");
      expect(await points("rrq_runner_inflight")).toEqual([{ value: 2, attributes: { runner: "mailer" } }]);
      expect(await points("rrq_runner_channel_pressure")).toEqual([{ value: 2, attributes: { runner: "mailer" } }]);
      for (const id of ["a", "b"]) bench.held.get(id)?.resolve(null);
      await client.responses(2);
      expect(await points("rrq_runner_inflight")).toEqual([{ value: 0, attributes: { runner: "mailer" } }]);
    });

    test("count expired deadlines, and cancel frames that met somebody", async () => {
      await run("work", { timeoutMs: 0 });
      client.request(buildRequest("hold", { jobId: "a", requestId: "r" }), buildRequest("hold", { jobId: "b" }));
      await bench.holding("b");
      client.cancel({ jobId: "a", requestId: "r" });
      client.cancel({ jobId: "b", requestId: null });
      client.cancel({ jobId: "unknown", requestId: null });
      await run("work");
      expect(await points("rrq_deadline_expired_total")).toEqual([{ value: 1, attributes: { runner: "mailer" } }]);
      expect(await points("rrq_cancellations_total")).toEqual([
        { value: 1, attributes: { runner: "mailer", scope: "request" } },
        { value: 1, attributes: { runner: "mailer", scope: "job" } },
      ]);
    });
  });

  test("[trap 59] what is not sent yet is flushed when the runner closes", async () => {
    const flushed = vi.spyOn(meterProvider, "forceFlush");
    await bench.runner.close();
    expect(flushed).toHaveBeenCalled();
  });

  test("[trap 59] an exporter that hangs holds the end up for a second at most", async () => {
    vi.spyOn(meterProvider, "forceFlush").mockReturnValue(new Promise(() => undefined));
    const closing = bench.runner.close();
    await vi.waitFor(() => expect(bench.clock.pending).toBeGreaterThan(0), { interval: 1 });
    await bench.clock.advance(500);
    await vi.waitFor(() => expect(bench.clock.pending).toBeGreaterThan(0), { interval: 1 });
    await bench.clock.advance(1_000);
    await closing;
  });

  test("an SDK that throws costs no job", async () => {
    trace.disable();
    trace.setGlobalTracerProvider({
      getTracer: () => {
        throw new Error("broken SDK");
      },
    });
    client.request(buildRequest("echo"));
    expect((await client.response()).outcome.type).toBe("success");
    expect(bench.lines).toContainEqual(expect.objectContaining({ level: "warn", message: "telemetry failed" }));
  });
});

test("[runner §8.1] without @opentelemetry/api there is no telemetry, and no error", async () => {
  vi.doMock("@opentelemetry/api", () => {
    throw new Error("Cannot find package '@opentelemetry/api'");
  });
  const { loadTelemetry } = await import("./telemetry.ts");
  const { log } = await import("./test-support/lines.ts").then(({ keptLog }) => keptLog());
  const { systemClock } = await import("@rrq/protocol/runtime");
  expect(await loadTelemetry({ serviceName: "s", clock: systemClock, log })).toBeNull();
  vi.doUnmock("@opentelemetry/api");
});
