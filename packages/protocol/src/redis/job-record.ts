import type { JsonText } from "../json-text.ts";
import { parseTimestamp } from "../timestamp.ts";
import { readInteger, readParams, readResult, readStringMap } from "./field-values.ts";
import { findJobDefect, readTimeout } from "./job-defect.ts";
import { type PastError, readPastErrors } from "./job-errors.ts";
import { jobFields } from "./job-fields.ts";
import { type JobStatus, readJobStatus } from "./job-status.ts";
import { keys } from "./keys.ts";

/** Seconds (317 years) that a result is kept at most: Redis refuses a TTL far beyond. */
export const MAX_TTL_SECONDS = 1e10;

/**
 * The hash of a job as upstream reads it: what is missing or bad is `null` (the reader's own default applies), or what the
 * table in `job-fields.ts` says. Instants are epoch milliseconds.
 */
export interface JobRecord {
  readonly id: string;
  /** `handler` or `runner#handler`; may be empty. */
  readonly functionName: string;
  /** A JSON object. */
  readonly params: JsonText;
  readonly status: JobStatus | null;
  readonly enqueuedAt: number | null;
  /** `enqueuedAt` as it is stored: RFC 3339. */
  readonly enqueueTime: string | null;
  readonly nextRunAt: number | null;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  /** Attempts that ended without success. */
  readonly retries: number;
  /** Attempts in all. */
  readonly maxRetries: number | null;
  readonly timeoutSeconds: number | null;
  /** Above 0: kept so long; 0: for ever; below: the TTL of the hash stays as it is. */
  readonly resultTtlSeconds: number | null;
  /** Full key. */
  readonly queue: string | null;
  /** Full key. */
  readonly dlq: string | null;
  readonly result: JsonText | null;
  readonly lastError: string | null;
  /** The last errors, the latest last; only of attempts under our orchestrators. */
  readonly errors: readonly PastError[];
  readonly workerId: string | null;
  readonly traceContext: Readonly<Record<string, string>> | null;
  readonly correlationContext: Readonly<Record<string, string>> | null;
  /** Unique lock of upstream's, `keys.uniqueLock`. */
  readonly upstreamUniqueKey: string | null;
  /** Unique key of ours, `keys.unique`. */
  readonly uniqueKey: string | null;
  readonly idempotencyKey: string | null;
  readonly fence: number | null;
  /** Times it was taken from a dead orchestrator. */
  readonly rescues: number;
  /** Somebody asked to cancel it while it ran. */
  readonly cancelRequested: boolean;
  /** Completed by one of our orchestrators. */
  readonly closed: boolean;
  /** Set by our producers only. */
  readonly nonce: string | null;
  /** Why no worker of ours runs it: a claim puts it into its dead-letter queue. `null` for a sound one. */
  readonly malformed: string | null;
}

/** Reads the hash of the job `id`; what an empty hash means is the caller's to say. Never throws, whatever the fields hold. */
export function readJobRecord(id: string, fields: Readonly<Record<string, string>>): JobRecord {
  const text = (name: keyof typeof jobFields): string | undefined => fields[jobFields[name]];
  const nonEmpty = (name: keyof typeof jobFields): string | null => text(name) || null;
  const instant = (name: keyof typeof jobFields): number | null => parseTimestamp(text(name) ?? "", "strict");
  const count = (name: keyof typeof jobFields): number => Math.max(0, readInteger(text(name)) ?? 0);
  const enqueuedAt = instant("enqueueTime");
  const resultTtl = readInteger(text("resultTtl"));
  const queue = text("queue");
  const dlq = nonEmpty("dlq");
  return {
    id: text("id") ?? id,
    functionName: text("functionName") ?? "",
    params: readParams(text("params")),
    status: readJobStatus(text("status")),
    enqueuedAt,
    enqueueTime: enqueuedAt === null ? null : (text("enqueueTime") ?? null),
    nextRunAt: instant("nextRunTime"),
    startedAt: instant("startTime"),
    completedAt: instant("completionTime"),
    retries: count("retries"),
    maxRetries: readInteger(text("maxRetries")),
    timeoutSeconds: readTimeout(text("timeout")),
    resultTtlSeconds: resultTtl === null ? null : Math.min(resultTtl, MAX_TTL_SECONDS),
    queue: queue === undefined ? null : keys.queue(queue),
    dlq: dlq === null ? null : keys.dlq(dlq),
    result: readResult(text("result")),
    lastError: text("lastError") ?? null,
    errors: readPastErrors(text("errors")),
    workerId: text("workerId") ?? null,
    traceContext: readStringMap(text("traceContext")),
    correlationContext: readStringMap(text("correlationContext")),
    upstreamUniqueKey: nonEmpty("upstreamUniqueKey"),
    uniqueKey: nonEmpty("uniqueKey"),
    idempotencyKey: nonEmpty("idempotencyKey"),
    fence: readInteger(text("fence")),
    rescues: count("rescues"),
    cancelRequested: text("cancel") !== undefined,
    closed: text("closed") !== undefined,
    nonce: text("nonce") ?? null,
    malformed: findJobDefect(fields),
  };
}
