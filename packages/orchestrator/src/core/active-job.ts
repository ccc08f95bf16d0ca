import type { JsonText } from "@rrq/protocol";

/** A job that a claim of ours made ACTIVE. We own it while its hash has our worker id and this fence. */
export interface ActiveJob {
  readonly id: string;
  readonly fence: number;
  /** As stored; may name a runner: `runner#handler`. */
  readonly functionName: string;
  readonly params: JsonText;
  /** RFC 3339, as stored. */
  readonly enqueueTime: string;
  /** Full key of the queue it was claimed from. */
  readonly claimedFrom: string;
  /** Full key of the queue that it goes back to. */
  readonly queue: string;
  /** Attempts that ended without success before this one. */
  readonly retries: number;
  /** Attempts in all. */
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  /** Above 0: kept so long; 0: for ever; below: the TTL of the hash stays as it is. */
  readonly resultTtlSeconds: number;
  /** Name or key of its dead-letter queue. */
  readonly dlq: string;
  readonly traceContext: Readonly<Record<string, string>> | null;
  readonly correlationContext: Readonly<Record<string, string>> | null;
  /** Whether upstream's producer made it, and may wait on upstream's event stream. */
  readonly foreign: boolean;
}

/** What a job has when its hash does not say. */
export interface JobDefaults {
  readonly queue: string;
  readonly dlq: string;
  readonly maxAttempts: number;
  readonly timeoutSeconds: number;
  readonly resultTtlSeconds: number;
}
