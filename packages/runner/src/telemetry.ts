import type * as OpenTelemetry from "@opentelemetry/api";
import type { ExecutionOutcome, ExecutionRequest } from "@rrq/protocol";
import type { Clock } from "@rrq/protocol/runtime";
import { startAttemptSpan } from "./attempt-span.ts";
import type { Log } from "./log.ts";
import { RunnerMetrics } from "./runner-metrics.ts";

/** What a runner tells OpenTelemetry. Nothing here throws. */
export interface Telemetry {
  /** An attempt came in; `limitMs` is the time it has. `null` if nobody listens. */
  startAttempt(request: ExecutionRequest, limitMs: number | null): AttemptTelemetry | null;
  /** A connection has that many requests in flight. */
  inFlight(count: number): void;
  /** A cancel frame met at least one request. */
  cancelled(scope: "request" | "job"): void;
  /** Has the SDK send what it has not sent yet; waits for it at most `limitMs`. */
  flush(limitMs: number): Promise<void>;
}

export interface AttemptTelemetry {
  /** Calls `call` with the span of the attempt as the active one. */
  run<T>(call: () => T): T;
  /** The attempt was answered for; `thrown` is what its handler threw, if that is why. */
  end(outcome: ExecutionOutcome, thrown: unknown): void;
}

type Api = typeof OpenTelemetry;

/** `null` if `@opentelemetry/api` is not installed. Whether somebody registered an SDK is seen at each attempt. */
export async function loadTelemetry(options: { serviceName: string; clock: Clock; log: Log }): Promise<Telemetry | null> {
  const api = await import("@opentelemetry/api").catch(() => null);
  return api && openTelemetry(api, options);
}

function openTelemetry(api: Api, options: { serviceName: string; clock: Clock; log: Log }): Telemetry {
  const { clock, log } = options;
  const metrics = new RunnerMetrics(api, options.serviceName);
  /** The code of an SDK and its exporters is foreign: it must not cost a job. */
  const guarded = <T>(tell: () => T): T | null => {
    try {
      return tell();
    } catch (error) {
      log.warn("telemetry failed", { error });
      return null;
    }
  };
  return {
    startAttempt: (request, limitMs) =>
      guarded(() => {
        const span = startAttemptSpan(api, request, limitMs, clock.now());
        const instruments = metrics.instruments();
        if (span === null && instruments === null) return null;
        const startedAt = clock.monotonic();
        instruments?.started();
        return {
          run: (call) => (span === null ? call() : span.run(call)),
          end: (outcome, thrown) =>
            void guarded(() => {
              const durationMs = clock.monotonic() - startedAt;
              span?.end(outcome, thrown, durationMs);
              instruments?.ended(request.functionName, outcome, durationMs);
            }),
        };
      }),
    inFlight: (count) => void guarded(() => metrics.instruments()?.inFlight(count)),
    cancelled: (scope) => void guarded(() => metrics.instruments()?.cancelled(scope)),
    flush: async (limitMs) => {
      const flushed = Promise.allSettled([flush(api.trace.getTracerProvider()), flush(api.metrics.getMeterProvider())]);
      const done = new AbortController();
      await Promise.race([flushed.finally(() => done.abort()), clock.sleep(limitMs, done.signal)]);
    },
  };
}

/** What a provider can do beyond the API: that of an SDK flushes, the API's own stand-in knows the real one. */
interface Provider {
  getDelegate?(): Provider;
  forceFlush?(): Promise<void>;
}

async function flush(provider: object): Promise<void> {
  const known = provider as Provider;
  await (known.getDelegate?.() ?? known).forceFlush?.();
}
