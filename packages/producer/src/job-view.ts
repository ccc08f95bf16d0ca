import { type JobLike, type JsonText, parseResult, type ResultOutput } from "@rrq/protocol";
import { type JobRecord, type JobStatus, keys, type PastError, readJobRecord } from "@rrq/protocol/redis";
import type { PatientCalls } from "./patient-calls.ts";

/** A job as it was when it was read. `status` tells what else it has. */
export type Job<Result = unknown> = JobFacts &
  (
    | { readonly status: "COMPLETED"; readonly result: Result }
    | { readonly status: Exclude<JobStatus, "COMPLETED"> | "UNKNOWN"; readonly result: null }
  );

interface JobFacts {
  readonly id: string;
  /** `handler` or `runner#handler`. */
  readonly functionName: string;
  /** Full key: `rrq:queue:<name>`. */
  readonly queue: string | null;
  readonly params: JsonText;
  /**
   * Message of the latest attempt that did not succeed; it stays after a success. `null` if there was none.
   */
  readonly error: string | null;
  /** The last errors under our orchestrators, the latest last; at most five. */
  readonly errors: readonly PastError[];
  /** Attempts that count, the running one with them. What was interrupted by us does not. */
  readonly attempts: number;
  readonly maxAttempts: number | null;
  readonly timeoutSeconds: number | null;
  readonly enqueuedAt: Date | null;
  /** Not before; of the next attempt. */
  readonly runAt: Date | null;
  /** Of the latest attempt. */
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** The orchestrator that has it. */
  readonly workerId: string | null;
  readonly cancelRequested: boolean;
  readonly trace: Readonly<Record<string, string>> | null;
  readonly correlation: Readonly<Record<string, string>> | null;
}

/** Reads the hash of a job; `null` if there is none. */
export async function readJob(calls: PatientCalls, id: string, deadline?: number): Promise<JobRecord | null> {
  const fields = await calls.run(`a look at job ${id}`, (redis) => redis.hgetall(keys.job(id)), deadline);
  return Object.keys(fields).length === 0 ? null : readJobRecord(id, fields);
}

/** Where the job stands. What one of ours completed stays completed, whatever a late command of upstream's wrote over it. */
export function statusOf(record: Pick<JobRecord, "status" | "closed">): JobStatus | "UNKNOWN" {
  const { status, closed } = record;
  if (closed && (status === "PENDING" || status === "RETRYING" || status === "ACTIVE")) return "COMPLETED";
  return status ?? "UNKNOWN";
}

/** What people see of it, the result as readers of `as` get it. Rejects with `SCHEMA_MISMATCH`. */
export async function viewJob<Of extends JobLike>(record: JobRecord, as: Of): Promise<Job<ResultOutput<Of>>> {
  const status = statusOf(record);
  const facts: JobFacts = {
    id: record.id,
    functionName: record.functionName,
    queue: record.queue,
    params: record.params,
    error: record.lastError,
    errors: record.errors,
    attempts: record.retries + (status === "ACTIVE" || status === "COMPLETED" ? 1 : 0),
    maxAttempts: record.maxRetries,
    timeoutSeconds: record.timeoutSeconds,
    enqueuedAt: toDate(record.enqueuedAt),
    runAt: toDate(record.nextRunAt),
    startedAt: toDate(record.startedAt),
    finishedAt: status === "COMPLETED" || status === "FAILED" || status === "CANCELLED" ? toDate(record.completedAt) : null,
    workerId: record.workerId,
    cancelRequested: record.cancelRequested,
    trace: record.traceContext,
    correlation: record.correlationContext,
  };
  if (status !== "COMPLETED") return { ...facts, status, result: null };
  return { ...facts, status, result: await parseResult(as, record.result?.parse() ?? null) };
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
