import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { openTestRedis } from "@rrq/private-redis/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createProducer } from "./create-producer.ts";
import { openTraceSource } from "./trace.ts";

const provider = new BasicTracerProvider();
const tracer = provider.getTracer("test");

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }));
});

afterEach(() => {
  context.disable();
  propagation.disable();
});

/** Calls `call` within a span, whose header it answers beside. */
async function inSpan<T>(call: () => Promise<T>): Promise<{ readonly answer: T; readonly traceparent: string }> {
  const span = tracer.startSpan("outside");
  const { traceId, spanId } = span.spanContext();
  const answer = await context.with(trace.setSpan(context.active(), span), call);
  span.end();
  return { answer, traceparent: `00-${traceId}-${spanId}-01` };
}

test("[producer §4.3] [telemetry §1] the active span goes with the job, from the first call on", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  for (const id of ["a", "b"]) {
    const { traceparent } = await inSpan(() => producer.enqueue("work", {}, { id }));
    expect(await db.redis.hget(`rrq:job:${id}`, "trace_context")).toBe(JSON.stringify({ traceparent }));
  }
});

test("[producer §4.3] each job of many has the span of the call", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  const { traceparent } = await inSpan(() => producer.enqueueMany([{ job: "work", options: { id: "a" } }, { job: "work", options: { id: "b" } }]));
  expect(await db.redis.hget("rrq:job:b", "trace_context")).toBe(JSON.stringify({ traceparent }));
});

test("[producer §4.3] without a span there is no field", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await producer.enqueue("work", {}, { id: "a", trace: {} });
  expect(await db.redis.hexists("rrq:job:a", "trace_context")).toBe(0);
});

test("[producer §4.3] what the caller gives is never overwritten, and no other trace's state is added to it", async () => {
  const traceOf = await openTraceSource();
  const baggage = propagation.createBaggage({ tenant: { value: "t" } });
  await context.with(propagation.setBaggage(context.active(), baggage), async () => {
    const given = { traceparent: "mine", other: "x" };
    const { answer } = await inSpan(async () => traceOf(given));
    expect(answer).toEqual({ baggage: "tenant=t", ...given });
  });
});

test("[producer §4.1] headers that are no text are refused", async () => {
  await using db = await openTestRedis();
  await using producer = createProducer({ redisUrl: db.url });
  await expect(producer.enqueue("work", {}, { trace: { traceparent: 7 as unknown as string } })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining("trace takes an object") as unknown,
  });
});
