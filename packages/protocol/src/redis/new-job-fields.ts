import type { JsonText } from "../json-text.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { jobFields } from "./job-fields.ts";
import { keys } from "./keys.ts";

/** A job to be made. */
export interface NewJob {
  readonly id: string;
  /** `handler` or `runner#handler`. */
  readonly functionName: string;
  /** A JSON object. */
  readonly params: JsonText;
  /** Epoch milliseconds. */
  readonly enqueuedAt: number;
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
  /** Marks the job as made by a producer of ours, and this call of it. */
  readonly nonce?: string;
  /** For `keys.unique`. */
  readonly uniqueKey?: string;
  /** For `keys.idempotency`. */
  readonly idempotencyKey?: string;
}

/** The hash of a new job as field, value, field, value …: upstream's twelve fields, its contexts if there are any, then ours. */
export function newJobFields(job: NewJob): string[] {
  const fields: Readonly<Record<string, string | undefined>> = {
    [jobFields.id]: job.id,
    [jobFields.functionName]: job.functionName,
    [jobFields.params]: job.params.text,
    [jobFields.enqueueTime]: formatTimestamp(job.enqueuedAt),
    [jobFields.status]: "PENDING",
    [jobFields.retries]: "0",
    [jobFields.nextRunTime]: formatTimestamp(job.runAt),
    [jobFields.maxRetries]: String(job.maxRetries),
    [jobFields.timeout]: String(job.timeoutSeconds),
    [jobFields.resultTtl]: String(job.resultTtlSeconds),
    [jobFields.queue]: keys.queue(job.queue),
    [jobFields.result]: "null",
    [jobFields.traceContext]: headers(job.traceContext),
    [jobFields.correlationContext]: headers(job.correlationContext),
    [jobFields.nonce]: job.nonce,
    [jobFields.uniqueKey]: job.uniqueKey,
    [jobFields.idempotencyKey]: job.idempotencyKey,
  };
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}

function headers(map: Readonly<Record<string, string>> | null | undefined): string | undefined {
  return map == null || Object.keys(map).length === 0 ? undefined : JSON.stringify(map);
}
