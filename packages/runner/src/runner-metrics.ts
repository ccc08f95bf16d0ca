import type * as OpenTelemetry from "@opentelemetry/api";
import type { MeterProvider } from "@opentelemetry/api";
import type { ExecutionOutcome } from "@rrq/protocol";
import { outcomeLabel } from "./outcome-label.ts";

type Api = typeof OpenTelemetry;

/** The instruments of upstream's runner, with its names and labels. */
export interface Instruments {
  started(): void;
  ended(functionName: string, outcome: ExecutionOutcome, durationMs: number): void;
  inFlight(count: number): void;
  cancelled(scope: "request" | "job"): void;
}

/** The instruments of whatever meter provider is registered at the moment. */
export class RunnerMetrics {
  readonly #api: Api;
  readonly #runner: string;
  #provider: MeterProvider | undefined;
  #instruments: Instruments | null = null;

  /** `runner`: the label of that name. */
  constructor(api: Api, runner: string) {
    this.#api = api;
    this.#runner = runner;
  }

  /** `null` while no SDK is registered. */
  instruments(): Instruments | null {
    const provider = this.#api.metrics.getMeterProvider();
    if (provider !== this.#provider) {
      this.#provider = provider;
      const meter = provider.getMeter("rrq.runner");
      this.#instruments = meter === this.#api.createNoopMeter() ? null : createInstruments(meter, this.#runner);
    }
    return this.#instruments;
  }
}

function createInstruments(meter: ReturnType<MeterProvider["getMeter"]>, runner: string): Instruments {
  const inflight = meter.createUpDownCounter("rrq_runner_inflight");
  const pressure = meter.createHistogram("rrq_runner_channel_pressure");
  const expired = meter.createCounter("rrq_deadline_expired_total");
  const cancellations = meter.createCounter("rrq_cancellations_total");
  const jobs = meter.createCounter("rrq_runner_jobs_total");
  const duration = meter.createHistogram("rrq_runner_job_duration_ms");
  const label = { runner };
  return {
    started: () => inflight.add(1, label),
    ended: (functionName, outcome, durationMs) => {
      const labels = { runner, outcome: outcomeLabel(outcome), function: functionName };
      inflight.add(-1, label);
      jobs.add(1, labels);
      duration.record(durationMs, labels);
      if (outcome.type === "timeout") expired.add(1, label);
    },
    inFlight: (count) => pressure.record(count, label),
    cancelled: (scope) => cancellations.add(1, { runner, scope }),
  };
}
