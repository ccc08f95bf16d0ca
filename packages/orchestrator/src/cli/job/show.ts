import { JsonText } from "@rrq/protocol";
import type { JobRecord } from "@rrq/protocol/redis";
import type { Inspector } from "../../inspect/open-inspector.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { isoTime, print, printJson } from "../output.ts";

/** Everything about one job. */
export async function jobShow(inspector: Inspector, id: string, { json = false }: { readonly json?: boolean }): Promise<ExitCode> {
  const job = await inspector.job(id);
  if (job === null) {
    process.stderr.write(`rrq: Job '${id}' not found\n`);
    return exitCodes.notFound;
  }
  if (json) printJson(describeJob(job));
  else printText(job);
  return exitCodes.done;
}

/** The documented shape: names as in Redis, times ISO 8601, params and result as JSON. */
function describeJob(job: JobRecord): Readonly<Record<string, unknown>> {
  return {
    id: job.id,
    status: job.status,
    function_name: job.functionName,
    job_params: job.params,
    queue_name: job.queue,
    enqueue_time: isoTime(job.enqueuedAt),
    next_scheduled_run_time: isoTime(job.nextRunAt),
    start_time: isoTime(job.startedAt),
    completion_time: isoTime(job.completedAt),
    current_retries: job.retries,
    max_retries: job.maxRetries,
    job_timeout_seconds: job.timeoutSeconds,
    result_ttl_seconds: job.resultTtlSeconds,
    result: job.result,
    last_error: job.lastError,
    errors: job.errors,
    worker_id: job.workerId,
    dlq_name: job.dlq,
    trace_context: job.traceContext,
    correlation_context: job.correlationContext,
    rescues: job.rescues,
    cancel_requested: job.cancelRequested,
  };
}

function printText(job: JobRecord): void {
  print(`Job ${job.id}`);
  for (const [name, value] of Object.entries(describeJob(job))) {
    if (value === null || name === "id" || (Array.isArray(value) && value.length === 0)) continue;
    print(`${name.padEnd(24)} ${toText(value)}`);
  }
}

function toText(value: unknown): string {
  if (value instanceof JsonText) return value.text;
  return typeof value === "string" ? value : JSON.stringify(value);
}
