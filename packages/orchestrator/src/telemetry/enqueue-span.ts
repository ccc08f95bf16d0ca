import type { Tracing } from "./job-span.ts";
import type { EnqueuedJob, EnqueueTelemetry, TraceHeaders } from "./telemetry.ts";
import { headersOf } from "./trace-headers.ts";

/** The span `rrq.enqueue` of a job that this process makes. A job that is not made after all leaves it open, and so nobody hears of it. */
export interface EnqueueSpan {
  readonly trace: EnqueueTelemetry["trace"];
  end(result: "enqueued" | "error"): void;
}

export function startEnqueueSpan({ api, tracer }: Tracing, { id, functionName, queue }: EnqueuedJob): EnqueueSpan {
  const attributes = { job_id: id, function_name: functionName, queue_name: queue };
  const span = tracer.startSpan("rrq.enqueue", { attributes }, api.ROOT_CONTEXT);
  const trace: TraceHeaders | null = headersOf(api, api.trace.setSpan(api.ROOT_CONTEXT, span));
  return {
    trace,
    end: (result) => {
      if (result === "error") span.setStatus({ code: api.SpanStatusCode.ERROR });
      span.end();
    },
  };
}
