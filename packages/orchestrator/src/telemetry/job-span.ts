import type * as OpenTelemetry from "@opentelemetry/api";
import type { Attributes, Context, Span, Tracer } from "@opentelemetry/api";
import type { ActiveJob } from "../core/active-job.ts";
import { type EndingView, isFailure } from "./describe-ending.ts";
import type { JobTelemetry, TraceHeaders } from "./telemetry.ts";
import { headersOf } from "./trace-headers.ts";

export interface Tracing {
  readonly api: typeof OpenTelemetry;
  readonly tracer: Tracer;
  /** Whether the spans of level debug are made. */
  readonly detailed: boolean;
  readonly workerId: string;
}

/** The span `rrq.job` of one attempt, and `rrq.dispatch` below it. Everything is set on these two, whatever span is active. */
export interface JobSpan {
  dispatch: JobTelemetry["dispatch"];
  end(view: EndingView, durationMs: number): void;
}

export function startJobSpan(tracing: Tracing, job: ActiveJob, runner: string | null, waitMs: number | null): JobSpan {
  const { api, tracer } = tracing;
  // Not below whatever is active here: that is another job's, or whoever started the orchestrator.
  const parent = api.propagation.extract(api.ROOT_CONTEXT, job.traceContext ?? {});
  const span = tracer.startSpan(
    "rrq.job",
    { kind: api.SpanKind.CONSUMER, attributes: startAttributes(job, runner, waitMs, tracing.workerId) },
    parent,
  );
  const within = api.trace.setSpan(parent, span);
  let dispatch: Span | null = null;
  return {
    dispatch: ({ requestId, timeoutMs }) => {
      if (!span.isRecording()) return job.traceContext;
      if (tracing.detailed) {
        const attributes = dispatchAttributes(job, runner, requestId, timeoutMs);
        dispatch = tracer.startSpan("rrq.dispatch", { attributes }, within);
      }
      return sentHeaders(api, dispatch === null ? within : api.trace.setSpan(within, dispatch), job.traceContext);
    },
    end: (view, durationMs) => {
      dispatch?.end();
      span.setAttributes(endAttributes(view, durationMs));
      if (isFailure(view.outcome)) {
        span.setStatus({ code: api.SpanStatusCode.ERROR, ...(view.message !== undefined && { message: view.message }) });
      }
      span.end();
    },
  };
}

/** The producer's headers, with our span in the place of its own. */
function sentHeaders(api: Tracing["api"], context: Context, given: TraceHeaders | null): TraceHeaders | null {
  const ours = headersOf(api, context);
  if (ours === null) return given;
  const { tracestate: _ofAnotherSpan, ...rest } = given ?? {};
  return { ...rest, ...ours };
}

function startAttributes(job: ActiveJob, runner: string | null, waitMs: number | null, workerId: string): Attributes {
  return {
    ...correlation(job),
    "span.kind": "consumer",
    "messaging.system": "redis",
    "messaging.destination.name": job.claimedFrom,
    "messaging.operation": "process",
    "rrq.job_id": job.id,
    "rrq.function": job.functionName,
    "rrq.queue": job.claimedFrom,
    "rrq.attempt": job.retries + 1,
    "rrq.worker_id": workerId,
    ...(runner !== null && { "rrq.runner": runner }),
    ...(waitMs !== null && { "rrq.queue_wait_ms": waitMs }),
  };
}

function dispatchAttributes(job: ActiveJob, runner: string | null, requestId: string, timeoutMs: number): Attributes {
  return {
    ...correlation(job),
    "rrq.job_id": job.id,
    "rrq.request_id": requestId,
    ...(runner !== null && { "rrq.runner": runner }),
    "rrq.queue": job.claimedFrom,
    "rrq.timeout_seconds": timeoutMs / 1_000,
  };
}

function correlation({ correlationContext }: ActiveJob): Attributes {
  return Object.fromEntries(Object.entries(correlationContext ?? {}).filter(([key, value]) => key !== "" && value !== ""));
}

function endAttributes({ outcome, message, errorType, retryDelayMs }: EndingView, durationMs: number): Attributes {
  return {
    "rrq.outcome": outcome,
    "rrq.duration_ms": durationMs,
    ...(retryDelayMs !== undefined && { "rrq.retry_delay_ms": retryDelayMs }),
    ...(message !== undefined && { "rrq.error_message": message }),
    ...(errorType !== undefined && { "rrq.error_type": errorType }),
  };
}
