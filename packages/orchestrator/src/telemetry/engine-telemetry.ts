import type { Clock } from "@rrq/protocol/runtime";
import { parseTimestamp } from "@rrq/protocol/wire";
import type { ActiveJob } from "../core/active-job.ts";
import type { Log } from "../log.ts";
import { describeEnding } from "./describe-ending.ts";
import { startEnqueueSpan } from "./enqueue-span.ts";
import type { Instruments } from "./instruments.ts";
import { startJobSpan, type Tracing } from "./job-span.ts";
import { startPollSpan } from "./poll-span.ts";
import type { EngineState, EnqueuedJob, EnqueueTelemetry, JobTelemetry, PollTelemetry, Telemetry } from "./telemetry.ts";

export interface EngineTelemetryOptions {
  /** Whoever traces at the moment; `null` for nobody. */
  readonly tracing: () => Tracing | null;
  /** Whoever measures at the moment, given what to read the gauges off. */
  readonly instruments: (state: () => EngineState | null) => () => readonly Instruments[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Turns what the engine tells into spans and measurements. */
export class EngineTelemetry implements Telemetry {
  readonly #options: EngineTelemetryOptions;
  readonly #instruments: () => readonly Instruments[];
  #state: EngineState | null = null;
  #failed = false;

  constructor(options: EngineTelemetryOptions) {
    this.#options = options;
    this.#instruments = options.instruments(() => this.#state);
  }

  observe(state: EngineState): void {
    this.#state = state;
    // A provider that nobody counts with yet shows the gauges all the same.
    this.#guarded(this.#instruments);
  }

  startPoll(freeSlots: number): PollTelemetry | null {
    return this.#guarded(() => {
      const { clock } = this.#options;
      const tracing = this.#options.tracing();
      const instruments = this.#instruments();
      const span = tracing?.detailed ? startPollSpan(tracing, freeSlots) : null;
      if (span === null && instruments.length === 0) return null;
      let fetched = 0;
      return {
        startClaim: (queue, pass, requested) => {
          const startedAt = clock.monotonic();
          const endSpan = this.#guarded(() => {
            for (const each of instruments) each.claimAsked(queue);
            return span?.startClaim(queue, pass, requested);
          });
          return (claimed) => {
            fetched += claimed;
            this.#guarded(() => {
              for (const each of instruments) each.claimAnswered(queue, claimed);
              endSpan?.(claimed, clock.monotonic() - startedAt);
            });
          };
        },
        end: () => {
          this.#guarded(() => {
            for (const each of instruments) each.polled(fetched > 0 ? "fetched" : "no_jobs");
            span?.end(fetched);
          });
        },
      };
    });
  }

  skipPoll(why: "no_jobs" | "no_capacity"): void {
    this.#guarded(() => {
      for (const each of this.#instruments()) each.polled(why);
    });
  }

  startJob(job: ActiveJob, runner: string | null): JobTelemetry | null {
    return this.#guarded(() => {
      const { clock } = this.#options;
      const tracing = this.#options.tracing();
      const instruments = this.#instruments();
      if (tracing === null && instruments.length === 0) return null;
      const startedAt = clock.monotonic();
      const enqueuedAt = parseTimestamp(job.enqueueTime);
      const waitMs = enqueuedAt === null ? null : Math.max(0, clock.now() - enqueuedAt);
      const queue = job.claimedFrom;
      if (waitMs !== null) for (const each of instruments) each.jobStarted(queue, waitMs);
      const span = tracing && startJobSpan(tracing, job, runner, waitMs);
      return {
        dispatch: (request) => (span === null ? job.traceContext : (this.#guarded(() => span.dispatch(request)) ?? job.traceContext)),
        end: (ending) => {
          this.#guarded(() => {
            const durationMs = clock.monotonic() - startedAt;
            const view = describeEnding(ending);
            for (const each of instruments) each.jobEnded({ queue, runner: runner ?? "unknown", outcome: view.outcome }, durationMs);
            span?.end(view, durationMs);
          });
        },
      };
    });
  }

  startEnqueue({ id, functionName, queue }: EnqueuedJob): EnqueueTelemetry | null {
    return this.#guarded(() => {
      const { clock } = this.#options;
      const tracing = this.#options.tracing();
      const instruments = this.#instruments();
      if (tracing === null && instruments.length === 0) return null;
      const startedAt = clock.monotonic();
      const span = tracing && startEnqueueSpan(tracing, { id, functionName, queue });
      return {
        trace: span?.trace ?? null,
        end: (result) => {
          if (result === "unmade") return;
          this.#guarded(() => {
            const durationMs = clock.monotonic() - startedAt;
            for (const each of instruments) each.enqueued(queue, result, durationMs);
            span?.end(result);
          });
        },
      };
    });
  }

  orphansRecovered(count: number): void {
    this.#guarded(() => {
      for (const each of this.#instruments()) each.orphansRecovered(count);
    });
  }

  /** The code of an SDK and its exporters is foreign: it must not cost a job, nor a line of log for each. */
  #guarded<T>(tell: () => T): T | null {
    try {
      return tell();
    } catch (error) {
      if (!this.#failed) this.#options.log.warn("telemetry failed; this is told once", { error });
      this.#failed = true;
      return null;
    }
  }
}
