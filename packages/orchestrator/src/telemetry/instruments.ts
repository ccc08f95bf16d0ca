import type { OutcomeLabel } from "./describe-ending.ts";
import type { EngineState } from "./telemetry.ts";

export type Labels = Readonly<Record<string, string>>;

/** What makes instruments: the part of OpenTelemetry's `Meter` that we use, and our own for `/metrics`. */
export interface Meter {
  createCounter(name: string): { add(value: number, labels?: Labels): void };
  createHistogram(name: string): { record(value: number, labels?: Labels): void };
  createObservableGauge(name: string): { addCallback(read: GaugeReader): void };
}

/** Reads what a gauge shows at the moment. */
export type GaugeReader = (result: { observe(value: number, labels?: Labels): void }) => void | Promise<void>;

export const METER_NAME = "rrq.orchestrator";

/** Upstream's instruments, by what happened. Durations are in milliseconds. */
export interface Instruments {
  enqueued(queue: string, result: "enqueued" | "error", durationMs: number): void;
  polled(result: "fetched" | "no_jobs" | "no_capacity"): void;
  claimAsked(queue: string): void;
  claimAnswered(queue: string, claimed: number): void;
  jobStarted(queue: string, waitMs: number): void;
  jobEnded(job: JobLabels, durationMs: number): void;
  orphansRecovered(count: number): void;
}

export interface JobLabels {
  readonly queue: string;
  readonly runner: string;
  readonly outcome: OutcomeLabel;
}

/** The one list of names and labels: those of upstream, and gauges of ours. */
export function createInstruments(meter: Meter, state: () => EngineState | null): Instruments {
  addGauges(meter, state);
  const enqueues = meter.createCounter("rrq_enqueue_total");
  const enqueueDuration = meter.createHistogram("rrq_enqueue_duration_ms");
  const polls = meter.createCounter("rrq_poll_cycles_total");
  const claims = meter.createCounter("rrq_claim_attempt_total");
  const misses = meter.createCounter("rrq_claim_miss_total");
  const fetched = meter.createCounter("rrq_jobs_fetched_total");
  const locks = meter.createCounter("rrq_lock_acquire_total");
  const waits = meter.createHistogram("rrq_queue_wait_ms");
  const jobs = meter.createCounter("rrq_jobs_processed_total");
  const jobDuration = meter.createHistogram("rrq_job_duration_ms");
  const orphans = meter.createCounter("rrq_orphan_recovered_total");
  return {
    enqueued: (queue, result, durationMs) => {
      enqueues.add(1, { queue, result });
      if (isRecordable(durationMs)) enqueueDuration.record(durationMs, { queue, result });
    },
    polled: (result) => polls.add(1, { result }),
    claimAsked: (queue) => claims.add(1, { queue }),
    claimAnswered: (queue, claimed) => {
      if (claimed === 0) {
        misses.add(1, { queue, reason: "none_ready" });
        return;
      }
      fetched.add(claimed, { queue });
      // Our claim is the lock: dashboards made for upstream go on.
      locks.add(claimed, { queue, result: "acquired" });
    },
    jobStarted: (queue, waitMs) => {
      if (isRecordable(waitMs)) waits.record(waitMs, { queue });
    },
    jobEnded: ({ queue, runner, outcome }, durationMs) => {
      const labels = { queue, runner, outcome };
      jobs.add(1, labels);
      if (isRecordable(durationMs)) jobDuration.record(durationMs, labels);
    },
    orphansRecovered: (count) => {
      if (count > 0) orphans.add(count);
    },
  };
}

function addGauges(meter: Meter, state: () => EngineState | null): void {
  meter.createObservableGauge("rrq_jobs_running").addCallback((result) => {
    const running = state()?.runningJobs();
    if (running !== undefined) result.observe(running);
  });
  meter.createObservableGauge("rrq_runner_slots").addCallback((result) => {
    for (const { runner, all } of state()?.slots() ?? []) result.observe(all, { runner });
  });
  meter.createObservableGauge("rrq_runner_slots_free").addCallback((result) => {
    for (const { runner, free } of state()?.slots() ?? []) result.observe(free, { runner });
  });
  meter.createObservableGauge("rrq_queue_depth").addCallback(async (result) => {
    for (const [queue, depth] of (await state()?.queueDepths()) ?? []) result.observe(depth, { queue });
  });
}

function isRecordable(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
