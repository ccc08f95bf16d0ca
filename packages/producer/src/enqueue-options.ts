/** Everything that a call may say about a new job. The four keys exclude each other, and so do the two ways to say when. */
export type EnqueueOptions = UnlimitedOptions | RateLimitedOptions;

/** Options without a rate limit: the call always ends with a job. */
export type UnlimitedOptions = JobSettings & OptionalTime & (NoKey | WithIdempotency | WithUnique | WithDebounce);

/** Options with a rate limit: the call may end without a job. */
export type RateLimitedOptions = JobSettings & OptionalTime & WithRateLimit;

interface JobSettings {
  /**
   * Any text that is not empty. The same id again is a `duplicate`, so a call whose answer was lost can be repeated.
   * @default a random UUID
   */
  readonly id?: string | undefined;
  /** Bare name or full key. @default the job's own queue, else the producer's */
  readonly queue?: string | undefined;
  /** Executions at most, from 1. @default the job's own, else the producer's */
  readonly maxAttempts?: number | undefined;
  /** Whole seconds that one attempt may take, from 1. @default the job's own, else the producer's */
  readonly timeoutSeconds?: number | undefined;
  /** Whole seconds that the job is kept after its success; 0 for ever, -1 leaves what TTL it has. @default the producer's */
  readonly resultTtlSeconds?: number | undefined;
  /** When it counts as enqueued: a date, or epoch milliseconds. @default now */
  readonly enqueuedAt?: Date | number | undefined;
  /**
   * W3C headers (`traceparent` …) that go with the job. What the active OpenTelemetry context has is added,
   * and never overwrites these.
   */
  readonly trace?: Readonly<Record<string, string>> | undefined;
  /** Names and values for spans and logs, before those of the correlation mappings: 16 at most, 64 bytes of name, 256 of value. */
  readonly correlation?: Readonly<Record<string, string>> | undefined;
  /** Stops waiting; the job may have been enqueued all the same. */
  readonly signal?: AbortSignal | undefined;
}

type OptionalTime =
  | {
      /** Seconds, fractions allowed, before it may run. @default 0 */
      readonly delaySeconds?: number | undefined;
      readonly runAt?: undefined;
    }
  | {
      /** When it may run: a date, or epoch milliseconds. A past one means at once. */
      readonly runAt: Date | number;
      readonly delaySeconds?: undefined;
    };

/** Same key, same job: while the job's hash is there, in whatever state, and the TTL lasts. Upstream's unique key. */
export interface Idempotency {
  readonly key: string;
  /** Seconds, rounded up; at least until the job may run. @default the producer's */
  readonly ttlSeconds?: number | undefined;
}

/** No second job while the first with this key is unfinished. */
export interface Uniqueness {
  readonly key: string;
}

/** A key, and the seconds that it works, rounded up. */
export interface KeyWindow {
  readonly key: string;
  readonly windowSeconds: number;
}

interface NoKey {
  readonly idempotency?: undefined;
  readonly unique?: undefined;
  readonly rateLimit?: undefined;
  readonly debounce?: undefined;
}

interface WithIdempotency extends Omit<NoKey, "idempotency"> {
  readonly idempotency: Idempotency;
}

interface WithUnique extends Omit<NoKey, "unique"> {
  readonly unique: Uniqueness;
}

interface WithRateLimit extends Omit<NoKey, "rateLimit"> {
  /** The first call in the window makes a job, the others make none. */
  readonly rateLimit: KeyWindow;
}

interface WithDebounce extends Omit<NoKey, "debounce"> {
  /** The job runs when no call came for a whole window, with what the last call said. Decides when it runs: neither `delaySeconds` nor `runAt`. */
  readonly debounce: KeyWindow;
  readonly delaySeconds?: undefined;
  readonly runAt?: undefined;
}

/** What a call became. `jobId` is the job that now stands for it. */
export type Enqueued =
  | { readonly kind: "enqueued"; readonly jobId: string }
  /** Nothing was made: a job has this id, or holds this idempotency or unique key. */
  | { readonly kind: "duplicate"; readonly jobId: string }
  /** A waiting job took over what this call said. */
  | { readonly kind: "debounced"; readonly jobId: string };

/** Another call had the window already; there is no job. */
export interface RateLimited {
  readonly kind: "rate-limited";
}
