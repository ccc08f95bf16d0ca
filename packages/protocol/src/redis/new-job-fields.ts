import type { JsonText } from "../json-text.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { jobFields } from "./job-fields.ts";
import { keys } from "./keys.ts";

/** What a debounce replaces of a job that still waits; the rest of {@link NewJob} stays as it was enqueued. */
export interface JobUpdate {
  /** `handler` or `runner#handler`. */
  readonly functionName: string;
  /** A JSON object. */
  readonly params: JsonText;
  /** Epoch milliseconds before which it does not run; also its score in the queue. */
  readonly runAt: number;
  /** Attempts in all. */
  readonly maxRetries: number;
  /** Whole seconds. */
  readonly timeoutSeconds: number;
  /** Whole seconds; 0 for ever, below 0: the TTL of the hash is left as it is. */
  readonly resultTtlSeconds: number;
  /** Bare name or full key. */
  readonly queue: string;
  /** Left out, or empty: the job has none. */
  readonly traceContext?: Readonly<Record<string, string>> | null;
  /** Left out, or empty: the job has none. */
  readonly correlationContext?: Readonly<Record<string, string>> | null;
}

/** A job to be made. */
export interface NewJob extends JobUpdate {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly enqueuedAt: number;
  /** Marks the job as made by a producer of ours, and this call of it. */
  readonly nonce?: string;
  /** For `keys.unique`. */
  readonly uniqueKey?: string;
  /** For `keys.idempotency`. */
  readonly idempotencyKey?: string;
}

/** The hash of a new job as field, value, field, value …: upstream's fields, then ours. */
export function newJobFields(job: NewJob): string[] {
  return [
    ...[jobFields.id, job.id],
    ...[jobFields.enqueueTime, formatTimestamp(job.enqueuedAt)],
    ...[jobFields.status, "PENDING"],
    ...[jobFields.retries, "0"],
    ...[jobFields.result, "null"],
    ...jobUpdateFields(job),
    ...optional(jobFields.nonce, job.nonce),
    ...optional(jobFields.uniqueKey, job.uniqueKey),
    ...optional(jobFields.idempotencyKey, job.idempotencyKey),
  ];
}

/**
 * What a debounce writes over a waiting job, as field, value, field, value …
 * Upstream then leaves an old trace context where no new one is given, and removes an old correlation context.
 */
export function jobUpdateFields(job: JobUpdate): string[] {
  return [
    ...[jobFields.functionName, job.functionName],
    ...[jobFields.params, job.params.text],
    ...[jobFields.nextRunTime, formatTimestamp(job.runAt)],
    ...[jobFields.maxRetries, String(job.maxRetries)],
    ...[jobFields.timeout, String(job.timeoutSeconds)],
    ...[jobFields.resultTtl, String(job.resultTtlSeconds)],
    ...[jobFields.queue, keys.queue(job.queue)],
    ...optional(jobFields.traceContext, headers(job.traceContext)),
    ...optional(jobFields.correlationContext, headers(job.correlationContext)),
  ];
}

function optional(field: string, value: string | undefined): string[] {
  return value === undefined ? [] : [field, value];
}

function headers(map: Readonly<Record<string, string>> | null | undefined): string | undefined {
  return map == null || Object.keys(map).length === 0 ? undefined : JSON.stringify(map);
}
