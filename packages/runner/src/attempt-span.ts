import type * as OpenTelemetry from "@opentelemetry/api";
import type { Attributes, Tracer } from "@opentelemetry/api";
import type { ExecutionOutcome, ExecutionRequest, JobError } from "@rrq/protocol";
import { parseTimestamp } from "@rrq/protocol/wire";
import { outcomeLabel } from "./outcome-label.ts";

/** The span `rrq.runner` of one attempt. */
export interface AttemptSpan {
  /** Calls `call` with this span as the active one. */
  run<T>(call: () => T): T;
  end(outcome: ExecutionOutcome, thrown: unknown, durationMs: number): void;
}

type Api = typeof OpenTelemetry;

/** A child of the producer's span, else of the active one. `null` without an SDK, at no cost worth naming. */
export function startAttemptSpan(
  api: Api,
  request: ExecutionRequest,
  limitMs: number | null,
  now: number,
): AttemptSpan | null {
  const tracer = realTracer(api);
  if (tracer === null) return null;
  const active = api.context.active();
  const { traceContext } = request.context;
  const parent = traceContext === null ? active : api.propagation.extract(active, traceContext);
  const attributes = startAttributes(request, limitMs, now);
  const span = tracer.startSpan("rrq.runner", { kind: api.SpanKind.CONSUMER, attributes }, parent);
  const inside = api.trace.setSpan(parent, span);
  return {
    run: (call) => api.context.with(inside, call),
    end: (outcome, thrown, durationMs) => {
      span.setAttributes(endAttributes(outcome, durationMs));
      const { error } = withError(outcome);
      if (outcome.type === "failure" && thrown instanceof Error) span.recordException(thrown);
      if (error !== undefined && outcome.type !== "retry_after" && outcome.type !== "cancelled") {
        span.setStatus({ code: api.SpanStatusCode.ERROR, message: error.message });
      }
      span.end();
    },
  };
}

/** The tracer of a registered SDK. The API alone answers a stand-in, which would be fed attributes for nothing. */
function realTracer(api: Api): Tracer | null {
  const provider: { getDelegateTracer?(name: string): Tracer | undefined } & object = api.trace.getTracerProvider();
  return provider.getDelegateTracer === undefined
    ? api.trace.getTracer("rrq")
    : (provider.getDelegateTracer("rrq") ?? null);
}

function startAttributes(request: ExecutionRequest, limitMs: number | null, now: number): Attributes {
  const { context } = request;
  const enqueuedAt = parseTimestamp(context.enqueueTime);
  return {
    ...correlation(context.correlationContext),
    "rrq.job_id": request.jobId,
    "rrq.function": request.functionName,
    "rrq.queue": context.queueName,
    "rrq.attempt": context.attempt,
    ...(context.workerId === null ? {} : { "rrq.worker_id": context.workerId }),
    ...(context.deadline === null ? {} : { "rrq.deadline": context.deadline }),
    ...(limitMs === null ? {} : { "rrq.deadline_remaining_ms": Math.max(0, limitMs) }),
    ...(enqueuedAt === null ? {} : { "rrq.queue_wait_ms": Math.max(0, now - enqueuedAt) }),
    "span.kind": "consumer",
    "messaging.system": "redis",
    "messaging.destination.name": context.queueName,
    "messaging.destination_kind": "queue",
    "messaging.operation": "process",
  };
}

function correlation(context: Readonly<Record<string, string>> | null): Attributes {
  return Object.fromEntries(Object.entries(context ?? {}).filter(([key, value]) => key !== "" && value !== ""));
}

function endAttributes(outcome: ExecutionOutcome, durationMs: number): Attributes {
  const { error } = withError(outcome);
  return {
    "rrq.outcome": outcomeLabel(outcome),
    "rrq.duration_ms": durationMs,
    ...(outcome.type === "retry_after" && outcome.seconds !== undefined
      ? { "rrq.retry_delay_ms": outcome.seconds * 1000 }
      : {}),
    ...(error === undefined ? {} : { "rrq.error_message": error.message }),
    ...(error?.type === undefined ? {} : { "rrq.error_type": error.type }),
    ...(error !== undefined && (outcome.type === "retry_after" || outcome.type === "cancelled")
      ? { "rrq.reason": error.message }
      : {}),
  };
}

function withError(outcome: ExecutionOutcome): { error?: JobError } {
  return outcome.type === "success" || outcome.error === undefined ? {} : { error: outcome.error };
}
