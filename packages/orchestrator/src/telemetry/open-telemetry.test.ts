import { type Attributes, metrics, propagation, SpanKind, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, NodeTracerProvider, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { JsonText, outcome } from "@rrq/protocol";
import { ManualClock } from "@rrq/protocol/runtime";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ActiveJob } from "../core/active-job.ts";
import type { Ending } from "../core/decide.ts";
import { buildJob } from "../testing/build-job.ts";
import { keptLog } from "../testing/kept-log.ts";
import { type OpenedTelemetry, openTelemetry } from "./open-telemetry.ts";
import { createPrometheusMeter } from "./prometheus-meter.ts";

const NOW = Date.UTC(2026, 0, 1);
const QUEUE = "rrq:queue:default";
const PRODUCER = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "v=1", baggage: "tenant=t" };
const SUCCESS: Ending = { type: "success", result: new JsonText("1") };

const clock = new ManualClock(NOW);
const { log, records } = keptLog();
let opened: OpenedTelemetry[] = [];

async function open(env: Record<string, string> = {}, meter = null as Parameters<typeof openTelemetry>[0]["meter"]): Promise<OpenedTelemetry> {
  const one = await openTelemetry({ env, workerId: "w", meter, clock, log });
  opened.push(one);
  return one;
}

afterEach(async () => {
  for (const each of opened) await each[Symbol.asyncDispose]();
  opened = [];
  records.length = 0;
  for (const api of [trace, metrics, propagation]) api.disable();
});

/** A job that waited a second and a half. */
function job(change: Partial<ActiveJob> = {}): ActiveJob {
  return buildJob({ enqueueTime: new Date(clock.now() - 1_500).toISOString(), ...change });
}

describe("[telemetry §2] without an SDK", () => {
  test("nothing is made of what the engine tells", async () => {
    const { telemetry, log: told } = await open();
    expect([telemetry.startJob(job(), "main"), telemetry.startPoll(3), telemetry.startEnqueue({ id: "j", functionName: "f", queue: QUEUE })]).toEqual([null, null, null]);
    telemetry.skipPoll("no_jobs");
    telemetry.orphansRecovered(1);
    expect(told).toBe(log);
    expect(records).toEqual([]);
  });

  test("[design §8] what /metrics reads is measured", async () => {
    const meter = createPrometheusMeter();
    const { telemetry } = await open({}, meter);
    const started = telemetry.startJob(job({ traceContext: PRODUCER }), "main");
    expect(started?.dispatch({ requestId: "r", timeoutMs: 1_000 })).toBe(PRODUCER);
    await clock.advance(20);
    started?.end(SUCCESS);
    expect(await meter.render()).toContain(`rrq_job_duration_ms_sum{queue="${QUEUE}",runner="main",outcome="success"} 20\n`);
    expect(await meter.render()).toContain(`rrq_queue_wait_ms_sum{queue="${QUEUE}"} 1500\n`);
  });
});

describe("with an SDK that the program registered after we had started", () => {
  const spans = new InMemorySpanExporter();
  let meters: InMemoryMetricExporter;
  let meterProvider: MeterProvider;

  beforeEach(() => {
    spans.reset();
    meters = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: meters })] });
  });
  afterEach(() => meterProvider.shutdown());

  async function openAndRegister(env: Record<string, string> = {}): Promise<OpenedTelemetry> {
    const one = await open(env);
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register({ contextManager: null });
    metrics.setGlobalMeterProvider(meterProvider);
    return one;
  }

  const spanOf = (name: string, id?: string): ReadableSpan =>
    spans.getFinishedSpans().find((span) => span.name === name && (id === undefined || span.attributes["rrq.job_id"] === id)) ??
    expect.fail(`no span ${name}`);

  async function points(name: string): Promise<{ value: unknown; attributes: Attributes }[]> {
    await meterProvider.forceFlush();
    const scopes = meters.getMetrics().at(-1)?.scopeMetrics ?? [];
    const ours = scopes.find(({ scope }) => scope.name === "rrq.orchestrator")?.metrics ?? [];
    const metric = ours.find(({ descriptor }) => descriptor.name === name) ?? expect.fail(`no instrument ${name}`);
    return metric.dataPoints.map(({ value, attributes }) => ({ value: typeof value === "object" ? value.count : value, attributes }));
  }

  describe("[telemetry §3] the span of a job", () => {
    test("[telemetry §1] is a consumer's, below the producer's", async () => {
      const { telemetry } = await openAndRegister();
      telemetry.startJob(job({ traceContext: PRODUCER }), "main")?.end(SUCCESS);
      const span = spanOf("rrq.job");
      expect(span.kind).toBe(SpanKind.CONSUMER);
      expect(span.instrumentationScope.name).toBe("rrq");
      expect(span.parentSpanContext).toMatchObject({ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", isRemote: true });
    });

    test("[telemetry §2] has the service's name for its tracer's", async () => {
      const { telemetry } = await openAndRegister({ OTEL_SERVICE_NAME: "mailer" });
      telemetry.startJob(job(), "main")?.end(SUCCESS);
      expect(spanOf("rrq.job").instrumentationScope.name).toBe("mailer");
    });

    test("[telemetry §7] tells job, queue, worker, times and correlation", async () => {
      const { telemetry } = await openAndRegister();
      const started = telemetry.startJob(job({ retries: 1, functionName: "main#work", correlationContext: { tenant: "t", empty: "", "rrq.job_id": "forged" } }), "main");
      await clock.advance(250);
      started?.end(SUCCESS);
      expect(spanOf("rrq.job").attributes).toEqual({
        "span.kind": "consumer",
        "messaging.system": "redis",
        "messaging.destination.name": QUEUE,
        "messaging.operation": "process",
        "rrq.job_id": "job",
        "rrq.function": "main#work",
        "rrq.queue": QUEUE,
        "rrq.attempt": 2,
        "rrq.worker_id": "w",
        "rrq.runner": "main",
        "rrq.queue_wait_ms": 1_500,
        tenant: "t",
        "rrq.outcome": "success",
        "rrq.duration_ms": 250,
      });
    });

    test.each<[string, Ending, Attributes, SpanStatusCode]>([
      ["a failure", outcome.failure({ message: "declined", type: "Card" }), { "rrq.outcome": "error", "rrq.error_message": "declined", "rrq.error_type": "Card" }, SpanStatusCode.ERROR],
      ["a retry", outcome.retryAfter(2), { "rrq.outcome": "retry", "rrq.retry_delay_ms": 2_000 }, SpanStatusCode.UNSET],
      ["a lost runner", { type: "runner-lost", message: "gone" }, { "rrq.outcome": "transport_error", "rrq.error_message": "gone" }, SpanStatusCode.ERROR],
      ["a shutdown", { type: "interrupted", message: "bye" }, { "rrq.outcome": "cancelled" }, SpanStatusCode.UNSET],
    ])("ends with %s", async (_title, ending, attributes, status) => {
      const { telemetry } = await openAndRegister();
      telemetry.startJob(job(), "main")?.end(ending);
      expect(spanOf("rrq.job").attributes).toMatchObject(attributes);
      expect(spanOf("rrq.job").status.code).toBe(status);
    });

    test("[trap 58] what ends with one job is told of that job, whichever others run and whatever span is active", async () => {
      const { telemetry } = await openAndRegister({ RUST_LOG: "debug" });
      const ids = ["a", "b", "c"];
      const started = ids.map((id) => telemetry.startJob(job({ id }), `runner-${id}`));
      for (const each of started) each?.dispatch({ requestId: "r", timeoutMs: 1_000 });
      trace.getTracer("app").startActiveSpan("other", (other) => {
        for (const at of [1, 2, 0]) started[at]?.end(outcome.failure(`of ${ids[at] ?? ""}`));
        other.end();
      });
      for (const id of ids) {
        const span = spanOf("rrq.job", id);
        expect(span.attributes).toMatchObject({ "rrq.runner": `runner-${id}`, "rrq.error_message": `of ${id}` });
        expect(span.parentSpanContext).toBeUndefined();
        expect(spanOf("rrq.dispatch", id).parentSpanContext?.spanId).toBe(span.spanContext().spanId);
      }
    });
  });

  describe("[telemetry §8] the runner's span is a child", () => {
    test("of rrq.job at level info", async () => {
      const { telemetry } = await openAndRegister();
      const started = telemetry.startJob(job({ traceContext: PRODUCER }), "main");
      const headers = started?.dispatch({ requestId: "r", timeoutMs: 1_000 });
      started?.end(SUCCESS);
      const { traceId, spanId } = spanOf("rrq.job").spanContext();
      expect(headers).toEqual({ traceparent: `00-${traceId}-${spanId}-01`, tracestate: "v=1", baggage: "tenant=t" });
      expect(spans.getFinishedSpans()).toHaveLength(1);
    });

    test("of rrq.dispatch at level debug", async () => {
      const { telemetry } = await openAndRegister({ RUST_LOG: "rrq=debug" });
      const started = telemetry.startJob(job({ correlationContext: { tenant: "t" } }), "main");
      const headers = started?.dispatch({ requestId: "r-1", timeoutMs: 1_500 });
      started?.end(SUCCESS);
      const dispatch = spanOf("rrq.dispatch");
      expect(headers?.["traceparent"]).toContain(dispatch.spanContext().spanId);
      expect(dispatch.attributes).toEqual({
        "rrq.job_id": "job",
        "rrq.request_id": "r-1",
        "rrq.runner": "main",
        "rrq.queue": QUEUE,
        "rrq.timeout_seconds": 1.5,
        tenant: "t",
      });
    });

    test("of the producer's, where ours is not recorded", async () => {
      const { telemetry } = await openAndRegister();
      const unsampled = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" };
      expect(telemetry.startJob(job({ traceContext: unsampled }), "main")?.dispatch({ requestId: "r", timeoutMs: 1 })).toBe(unsampled);
    });

    test("without the vendor's state of a trace that could not be read", async () => {
      const { telemetry } = await openAndRegister();
      const broken = { traceparent: "broken", tracestate: "v=1", other: "x" };
      const headers = telemetry.startJob(job({ traceContext: broken }), "main")?.dispatch({ requestId: "r", timeoutMs: 1 });
      expect(headers).toEqual({ traceparent: expect.stringMatching(/^00-/) as string, other: "x" });
    });
  });

  test.each<[string, string[]]>([
    ["off", []],
    ["warn", []],
    ["info", ["rrq.job"]],
    ["debug,rrq=info", ["rrq.job"]],
    ["debug", ["rrq.dispatch", "rrq.job", "rrq.claim", "rrq.poll_cycle"]],
  ])("[telemetry §2] RUST_LOG=%s makes the spans %j, and every measurement", async (RUST_LOG, names) => {
    const { telemetry } = await openAndRegister({ RUST_LOG });
    const started = telemetry.startJob(job(), "main");
    started?.dispatch({ requestId: "r", timeoutMs: 1 });
    started?.end(SUCCESS);
    const poll = telemetry.startPoll(2);
    poll?.startClaim(QUEUE, 0, 2)(1);
    poll?.end();
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual(names);
    expect(await points("rrq_jobs_processed_total")).toHaveLength(1);
    expect(await points("rrq_claim_attempt_total")).toHaveLength(1);
  });

  test("[telemetry §3] the spans of a poll cycle and its claims", async () => {
    const { telemetry } = await openAndRegister({ RUST_LOG: "debug" });
    const poll = telemetry.startPoll(40);
    const first = poll?.startClaim(QUEUE, 0, 20);
    await clock.advance(3);
    first?.(2);
    poll?.startClaim(QUEUE, 1, 32)(0);
    poll?.end();
    const cycle = spanOf("rrq.poll_cycle");
    expect(cycle.attributes).toEqual({ "rrq.worker_id": "w", "rrq.requested": "40", "rrq.fetched": 2 });
    const claims = spans.getFinishedSpans().filter(({ name }) => name === "rrq.claim");
    expect(claims.map(({ attributes }) => attributes)).toEqual([
      { "rrq.queue": QUEUE, "rrq.pass": 0, "rrq.requested": "20", "rrq.claimed": 2, "rrq.claim_ms": 3 },
      { "rrq.queue": QUEUE, "rrq.pass": 1, "rrq.requested": "32", "rrq.claimed": 0, "rrq.claim_ms": 0 },
    ]);
    expect(claims.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([cycle.spanContext().spanId, cycle.spanContext().spanId]);
  });

  describe("[telemetry §5] metrics", () => {
    test("of attempts: their number, wait and duration", async () => {
      const { telemetry } = await openAndRegister();
      for (const ending of [SUCCESS, SUCCESS, outcome.failure("no")]) telemetry.startJob(job(), "main")?.end(ending);
      telemetry.startJob(job(), null)?.end({ type: "unrunnable", message: "no handler" });
      const labels = (runner: string, label: string): Attributes => ({ queue: QUEUE, runner, outcome: label });
      const expected = [
        { value: 2, attributes: labels("main", "success") },
        { value: 1, attributes: labels("main", "error") },
        { value: 1, attributes: labels("unknown", "fatal") },
      ];
      expect(await points("rrq_jobs_processed_total")).toEqual(expected);
      expect(await points("rrq_job_duration_ms")).toEqual(expected);
      expect(await points("rrq_queue_wait_ms")).toEqual([{ value: 4, attributes: { queue: QUEUE } }]);
    });

    test("of polls and claims", async () => {
      const { telemetry } = await openAndRegister();
      for (const claimed of [0, 2]) {
        const poll = telemetry.startPoll(1);
        poll?.startClaim(QUEUE, 0, 1)(claimed);
        poll?.end();
      }
      telemetry.skipPoll("no_capacity");
      telemetry.orphansRecovered(5);
      expect(await points("rrq_poll_cycles_total")).toEqual(
        ["no_jobs", "fetched", "no_capacity"].map((result) => ({ value: 1, attributes: { result } })),
      );
      expect(await points("rrq_claim_attempt_total")).toEqual([{ value: 2, attributes: { queue: QUEUE } }]);
      expect(await points("rrq_claim_miss_total")).toEqual([{ value: 1, attributes: { queue: QUEUE, reason: "none_ready" } }]);
      expect(await points("rrq_jobs_fetched_total")).toEqual([{ value: 2, attributes: { queue: QUEUE } }]);
      expect(await points("rrq_lock_acquire_total")).toEqual([{ value: 2, attributes: { queue: QUEUE, result: "acquired" } }]);
      expect(await points("rrq_orphan_recovered_total")).toEqual([{ value: 5, attributes: {} }]);
    });

    test("[telemetry §8] of the engine's state", async () => {
      const { telemetry } = await openAndRegister();
      telemetry.observe({
        runningJobs: () => 3,
        slots: () => [{ runner: "main", all: 8, free: 5 }],
        queueDepths: async () => [[QUEUE, 7]],
      });
      expect(await points("rrq_jobs_running")).toEqual([{ value: 3, attributes: {} }]);
      expect(await points("rrq_runner_slots_free")).toEqual([{ value: 5, attributes: { runner: "main" } }]);
      expect(await points("rrq_queue_depth")).toEqual([{ value: 7, attributes: { queue: QUEUE } }]);
    });

    test("[telemetry §1] of jobs that we make, with a span that goes with the job", async () => {
      const { telemetry } = await openAndRegister();
      const results = ["enqueued", "error", "unmade"] as const;
      const traces = results.map((result) => {
        const enqueue = telemetry.startEnqueue({ id: result, functionName: "f", queue: QUEUE });
        enqueue?.end(result);
        return enqueue?.trace?.["traceparent"];
      });
      expect(await points("rrq_enqueue_total")).toEqual(["enqueued", "error"].map((result) => ({ value: 1, attributes: { queue: QUEUE, result } })));
      const finished = spans.getFinishedSpans();
      expect(finished.map(({ name, attributes, status }) => [name, attributes, status.code])).toEqual([
        ["rrq.enqueue", { job_id: "enqueued", function_name: "f", queue_name: QUEUE }, SpanStatusCode.UNSET],
        ["rrq.enqueue", { job_id: "error", function_name: "f", queue_name: QUEUE }, SpanStatusCode.ERROR],
      ]);
      expect(traces[0]).toContain(finished[0]?.spanContext().spanId);
    });
  });

  test("[trap 59] what is not sent yet is flushed at the end, for two seconds at most", async () => {
    const { [Symbol.asyncDispose]: close } = await openAndRegister();
    const flushed = vi.spyOn(meterProvider, "forceFlush").mockReturnValue(new Promise(() => undefined));
    const closing = close();
    await vi.waitFor(() => expect(clock.pending).toBeGreaterThan(0), { interval: 1 });
    await clock.advance(2_000);
    await closing;
    expect(flushed).toHaveBeenCalledTimes(1);
    flushed.mockRestore();
  });

  test("an SDK that throws costs no job, and one line", async () => {
    const { telemetry } = await open();
    trace.setGlobalTracerProvider({ getTracer: (): Tracer => expect.fail("broken SDK") });
    for (const id of ["a", "b"]) telemetry.startJob(job({ id }), "main")?.end(SUCCESS);
    expect(records.map(({ level, message }) => [level, message])).toEqual([["warn", "telemetry failed; this is told once"]]);
  });
});

test("[telemetry §2] without @opentelemetry/api there is no telemetry, and no error", async () => {
  vi.doMock("@opentelemetry/api", () => {
    throw new Error("Cannot find package '@opentelemetry/api'");
  });
  vi.resetModules();
  const fresh = await import("./open-telemetry.ts");
  const { noTelemetry } = await import("./telemetry.ts");
  const one = await fresh.openTelemetry({ env: {}, workerId: "w", meter: null, clock, log });
  expect(one.telemetry).toBe(noTelemetry);
  expect([one.telemetry.startJob(job(), "main"), one.telemetry.startPoll(1), one.telemetry.startEnqueue({ id: "j", functionName: "f", queue: QUEUE })]).toEqual([null, null, null]);
  await one[Symbol.asyncDispose]();
  vi.doUnmock("@opentelemetry/api");
});
