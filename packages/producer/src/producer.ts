import type { JobLike, JsonText, ParamsInput, ResultOutput, RrqError } from "@rrq/protocol";
import type { Enqueued, EnqueueOptions, RateLimited, RateLimitedOptions, UnlimitedOptions } from "./enqueue-options.ts";
import type { Job } from "./job-view.ts";
import type { CancelResult } from "./request-cancel.ts";

/** Puts jobs in, looks at them, waits for them. */
export interface Producer extends AsyncDisposable {
  /**
   * Enqueues a job, by its contract or its bare name. `params` is checked against the contract, an object or JSON text of one.
   *
   * Rejects with `INVALID_ARGUMENT`, `SCHEMA_MISMATCH`, `NOT_JSON`, `TOO_LARGE`, `TOO_DEEP`: nothing was enqueued; `JOB_ID_TAKEN`: a job of
   * another function has this id; `REDIS_REFUSED`, `WRONG_TYPE`; `REDIS_UNAVAILABLE`, `ABORTED`: it may have been enqueued, and with
   * an `id` of yours you may call again; `CLOSED`.
   */
  enqueue<Of extends JobLike>(job: Of, ...rest: EnqueueArguments<Of, UnlimitedOptions>): Promise<Enqueued>;
  enqueue<Of extends JobLike>(job: Of, ...rest: EnqueueArguments<Of, RateLimitedOptions>): Promise<Enqueued | RateLimited>;
  enqueue<Of extends JobLike>(job: Of, ...rest: EnqueueArguments<Of, EnqueueOptions>): Promise<Enqueued | RateLimited>;

  /**
   * Enqueues many jobs, about 50 in each call to Redis. One result for each, in order; a bad one does not spoil the rest.
   * After `signal` (of an item: its own) nothing more is sent: what is left fails with `ABORTED`, and what has left is waited for. Once one fails with
   * `REDIS_UNAVAILABLE`, so does what is left.
   * Rejects as a whole with `CLOSED`, or if the settings cannot be read.
   */
  enqueueMany<const Of extends readonly JobLike[]>(
    items: readonly [...{ [Index in keyof Of]: EnqueueItem<Of[Index]> }],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<EnqueueManyResult[]>;

  /** The job as it is now; `null` if there is none of this id. `as` types and parses the result (`SCHEMA_MISMATCH`). */
  getJob<Of extends JobLike = string>(id: string, options?: { readonly as?: Of | undefined }): Promise<Job<ResultOutput<Of>> | null>;

  /**
   * Waits until the job has ended: COMPLETED, FAILED or CANCELLED. `unknown`: there is no such job, or its hash went while we waited.
   * Rejects with `SCHEMA_MISMATCH`, `ABORTED`, `CLOSED`; `REDIS_UNAVAILABLE` if the job could not be read even once.
   */
  waitForJob<Of extends JobLike = string>(id: string, options?: WaitOptions<Of>): Promise<WaitResult<ResultOutput<Of>>>;

  /** Cancels a job: at once while it waits; while it runs under one of our orchestrators, by asking that. */
  cancel(id: string): Promise<CancelResult>;

  /** Finds Redis, or says why not: for a start-up check. Other calls do it by themselves. Rejects as those. */
  connect(): Promise<void>;

  /**
   * Takes no more calls, waits for the enqueues under way, ends the waits with `CLOSED`, and lets the connections go. Twice is fine.
   */
  close(): Promise<void>;
}

/** Params may be left out if the contract lets them be `{}`. */
export type EnqueueArguments<Of extends JobLike, Options> =
  object extends ParamsInput<Of>
    ? [params?: ParamsInput<Of> | JsonText, options?: Options]
    : [params: ParamsInput<Of> | JsonText, options?: Options];

/** One job of {@link Producer.enqueueMany}. */
export type EnqueueItem<Of extends JobLike = string> = {
  readonly job: Of;
  readonly options?: EnqueueOptions | undefined;
} & (object extends ParamsInput<Of>
  ? { readonly params?: ParamsInput<Of> | JsonText | undefined }
  : { readonly params: ParamsInput<Of> | JsonText });

/** What became of one job of many. A failed one has the id that it was given or that was made for it, if it came so far. */
export type EnqueueManyResult =
  | Enqueued
  | RateLimited
  | { readonly kind: "failed"; readonly jobId: string | null; readonly error: RrqError };

export interface WaitOptions<Of extends JobLike = string> {
  /** Types and parses the result. */
  readonly as?: Of | undefined;
  /** `Infinity` waits for ever. @default 30 */
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type WaitResult<Result = unknown> =
  | { readonly kind: "finished" | "timed-out"; readonly job: Job<Result> }
  | { readonly kind: "unknown" };
