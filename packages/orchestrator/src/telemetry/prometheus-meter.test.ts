import { describe, expect, test } from "vitest";
import { createInstruments } from "./instruments.ts";
import { createPrometheusMeter } from "./prometheus-meter.ts";
import type { EngineState } from "./telemetry.ts";

describe("[design §8] /metrics without an SDK", () => {
  test("counters, by their labels", async () => {
    const meter = createPrometheusMeter();
    const counter = meter.createCounter("jobs_total");
    counter.add(1, { queue: "a" });
    counter.add(2, { queue: 'b"\\\n' });
    counter.add(1, { queue: "a" });
    meter.createCounter("bare_total").add(3);
    expect(await meter.render()).toBe(
      '# TYPE jobs_total counter\njobs_total{queue="a"} 2\njobs_total{queue="b\\"\\\\\\n"} 2\n# TYPE bare_total counter\nbare_total 3\n',
    );
  });

  test("histograms, in the buckets of OpenTelemetry", async () => {
    const meter = createPrometheusMeter();
    const histogram = meter.createHistogram("ms");
    for (const value of [0, 5, 5.5, 20_000]) histogram.record(value, { queue: "a" });
    const text = await meter.render();
    expect(text).toContain('# TYPE ms histogram\nms_bucket{queue="a",le="0"} 1\nms_bucket{queue="a",le="5"} 2\nms_bucket{queue="a",le="10"} 3\n');
    expect(text).toContain('ms_bucket{queue="a",le="10000"} 3\nms_bucket{queue="a",le="+Inf"} 4\nms_sum{queue="a"} 20010.5\nms_count{queue="a"} 4\n');
  });

  test("gauges, as they are at that moment; one that cannot be read is left out", async () => {
    const meter = createPrometheusMeter();
    let depth = 1;
    meter.createObservableGauge("depth").addCallback(async (result) => result.observe(depth, { queue: "a" }));
    meter.createObservableGauge("broken").addCallback(async () => expect.fail("Redis is away"));
    meter.createObservableGauge("bare").addCallback((result) => result.observe(0));
    expect(await meter.render()).toBe('# TYPE depth gauge\ndepth{queue="a"} 1\n# TYPE bare gauge\nbare 0\n');
    depth = 2;
    expect(await meter.render()).toContain('depth{queue="a"} 2\n');
  });

  test("[telemetry §8] the state of the engine, once it is there", async () => {
    const meter = createPrometheusMeter();
    let state: EngineState | null = null;
    createInstruments(meter, () => state);
    const samples = async (): Promise<string[]> => (await meter.render()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(await samples()).toEqual([]);
    state = {
      runningJobs: () => 3,
      slots: () => [{ runner: "main", all: 8, free: 5 }],
      queueDepths: async () => [["rrq:queue:default", 7]],
    };
    expect(await samples()).toEqual([
      "rrq_jobs_running 3",
      'rrq_runner_slots{runner="main"} 8',
      'rrq_runner_slots_free{runner="main"} 5',
      'rrq_queue_depth{queue="rrq:queue:default"} 7',
    ]);
  });

  test("[telemetry §5] upstream's instruments, with its labels, and nothing that is negative or no number", async () => {
    const meter = createPrometheusMeter();
    const instruments = createInstruments(meter, () => null);
    instruments.enqueued("q", "enqueued", 1);
    instruments.enqueued("q", "error", Number.NaN);
    instruments.polled("no_jobs");
    instruments.claimAsked("q");
    instruments.claimAnswered("q", 0);
    instruments.claimAnswered("q", 3);
    instruments.jobStarted("q", -1);
    instruments.jobEnded({ queue: "q", runner: "r", outcome: "fatal" }, 2);
    instruments.orphansRecovered(0);
    instruments.orphansRecovered(4);
    const samples = (await meter.render()).split("\n").filter((line) => !line.startsWith("#") && !line.includes("_bucket") && line !== "");
    expect(samples).toEqual([
      'rrq_enqueue_total{queue="q",result="enqueued"} 1',
      'rrq_enqueue_total{queue="q",result="error"} 1',
      'rrq_enqueue_duration_ms_sum{queue="q",result="enqueued"} 1',
      'rrq_enqueue_duration_ms_count{queue="q",result="enqueued"} 1',
      'rrq_poll_cycles_total{result="no_jobs"} 1',
      'rrq_claim_attempt_total{queue="q"} 1',
      'rrq_claim_miss_total{queue="q",reason="none_ready"} 1',
      'rrq_jobs_fetched_total{queue="q"} 3',
      'rrq_lock_acquire_total{queue="q",result="acquired"} 3',
      'rrq_jobs_processed_total{queue="q",runner="r",outcome="fatal"} 1',
      'rrq_job_duration_ms_sum{queue="q",runner="r",outcome="fatal"} 2',
      'rrq_job_duration_ms_count{queue="q",runner="r",outcome="fatal"} 1',
      "rrq_orphan_recovered_total 4",
    ]);
  });
});
