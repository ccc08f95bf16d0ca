import { JsonText } from "@rrq/protocol";
import { keys } from "@rrq/protocol/redis";
import { describe, expect, test } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { openTheirRunnerStory, PYTHON, type RunnerKind, RUST } from "./their-runner-story.ts";

const VALUES: readonly (readonly [sent: string, storedByRust: string, storedByPython: string])[] = [
  ["null", "null", "null"],
  ['"é 😀"', '"é 😀"', '"\\u00e9 \\ud83d\\ude00"'],
  ["1.0", "1.0", "1.0"],
  ["-0.0", "-0.0", "-0.0"],
  ["9007199254740993", "9007199254740993", "9007199254740993"],
  ["18446744073709551615", "18446744073709551615", "18446744073709551615"],
  ["123456789012345678901234", "1.2345678901234567e+23", "123456789012345678901234"],
  ['{"b":[],"a":{"c":null}}', '{"a":{"c":null},"b":[]}', '{"b": [], "a": {"c": null}}'],
  ["[".repeat(124) + "]".repeat(124), "[".repeat(124) + "]".repeat(124), "[".repeat(124) + "]".repeat(124)],
];

const KINDS: readonly RunnerKind[] = [PYTHON, RUST];

for (const kind of KINDS) {
  describe.skipIf(!kind.isHere)(`[design §1] [wire §8] under our orchestrator, upstream's ${kind.language} runner`, () => {
    test("[wire §4] [runner §4.1] ends jobs in every way that it has", async () => {
      await using opened = await openTheirRunnerStory(kind);
      const { producer, database } = opened.story;
      const [done, flaky, again, failed, nobody] = await Promise.all([
        producer.enqueue("add", { a: 2, b: 3 }),
        producer.enqueue("flaky", { until: 3 }),
        producer.enqueue("again", { until: 2 }),
        producer.enqueue("fail", {}, { maxAttempts: 2 }),
        producer.enqueue("nobody", {}),
      ]);
      const ends = await Promise.all([done, flaky, again, failed, nobody].map(({ jobId }) => producer.waitForJob(jobId)));
      expect(ends).toMatchObject([
        { job: { status: "COMPLETED", result: { sum: 5 }, attempts: 1, error: null } },
        { job: { status: "COMPLETED", result: { attempt: 3 }, attempts: 3, error: "attempt 2 fails" } },
        { job: { status: "COMPLETED", result: { attempt: 2 }, attempts: 2, error: "not yet" } },
        { job: { status: "FAILED", result: null, attempts: 2, error: "boom" } },
        { job: { status: "FAILED", result: null, attempts: 1, error: "No handler registered for function 'nobody'" } },
      ]);
      expect((await database.redis.lrange(keys.dlq("default"), 0, -1)).toSorted()).toEqual([failed.jobId, nobody.jobId].toSorted());
    });

    test("[wire §6] gets values as they were sent, and what it says of them is stored as it said it", async () => {
      await using opened = await openTheirRunnerStory(kind);
      const { producer, database } = opened.story;
      const ids = VALUES.map((_, index) => `v${index}`);
      await producer.enqueueMany(VALUES.map(([sent], index) => ({ job: "echo", params: new JsonText(`{"value":${sent}}`), options: { id: `v${index}` } })));
      for (const id of ids) expect(await producer.waitForJob(id)).toMatchObject({ job: { status: "COMPLETED" } });
      const stored = await Promise.all(ids.map((id) => database.redis.hget(keys.job(id), "result")));
      expect(stored).toEqual(VALUES.map(([, byRust, byPython]) => (kind.language === "Rust" ? byRust : byPython)));
    });

    test("[wire §3.2] sees the context of its job", async () => {
      await using opened = await openTheirRunnerStory(kind);
      const { producer } = opened.story;
      const { jobId } = await producer.enqueue("main#see", {}, { trace: { traceparent: "00-1" }, correlation: { tenant: "t" } });
      expect(await producer.waitForJob(jobId)).toMatchObject({
        job: {
          result: {
            job_id: jobId,
            attempt: 1,
            queue_name: keys.queue("default"),
            trace_context: { traceparent: "00-1" },
            correlation_context: { tenant: "t" },
            worker_id: expect.stringMatching(/^rrq_worker_/) as string,
          },
        },
      });
    });

    test("[wire §1] takes and gives 12 MiB beside small neighbours", async () => {
      await using opened = await openTheirRunnerStory(kind);
      const { producer } = opened.story;
      const value = "x".repeat(12 << 20);
      const large = await producer.enqueue("echo", { value });
      const small = await Promise.all(Array.from({ length: 20 }, (_, a) => producer.enqueue("add", { a, b: 1 })));
      for (const { jobId } of small) expect(await producer.waitForJob(jobId)).toMatchObject({ job: { status: "COMPLETED" } });
      const end = await producer.waitForJob(large.jobId);
      expect(end.kind === "finished" && end.job.result === value).toBe(true);
    });

    test("[wire §8.2] [design §8] runs more than 64 at once: our orchestrator opens another connection", async () => {
      await using opened = await openTheirRunnerStory(kind, { max_in_flight: 80 });
      const { story, started } = opened;
      const ids = Array.from({ length: 90 }, (_, index) => `h${index}`);
      await story.producer.enqueueMany(ids.map((id) => ({ job: "hold", options: { id } })));
      await eventually(async () => expect(await started()).toHaveLength(80));
      await story.openDoor();
      const ends = await Promise.all(ids.map((id) => story.producer.waitForJob(id)));
      expect(ends).toMatchObject(ids.map(() => ({ job: { status: "COMPLETED", attempts: 1, error: null } })));
    });
  });
}

describe.skipIf(!PYTHON.isHere)("[runner §4.2] under our orchestrator, handlers of upstream's Python runner", () => {
  test("end as their runner says, whatever they raise or return", async () => {
    await using opened = await openTheirRunnerStory(PYTHON);
    const { producer } = opened.story;
    const ends = {
      "an error without a text": { status: "FAILED", error: "Unhandled handler error", attempts: 2 },
      "a TimeoutError": { status: "FAILED", error: "the upstream of mine timed out", attempts: 1 },
      "a CancelledError": { status: "FAILED", error: "Job cancelled", attempts: 2 },
      "an outcome with all of an error": { status: "FAILED", error: "card declined", attempts: 2 },
      "a retry without a time": { status: "FAILED", error: "later", attempts: 2 },
      "a date": { status: "COMPLETED", result: "2025-01-01T00:00:00Z", attempts: 1 },
      infinity: { status: "COMPLETED", result: null, attempts: 1 },
    };
    const jobs = await Promise.all(Object.keys(ends).map((by) => producer.enqueue("odd", { by }, { maxAttempts: 2 })));
    const seen = await Promise.all(jobs.map(({ jobId }) => producer.waitForJob(jobId)));
    expect(seen).toMatchObject(Object.values(ends).map((job) => ({ job })));
  });

  test("[trap 36] that get no answer out cost their own time, and nobody else's", async () => {
    await using opened = await openTheirRunnerStory(PYTHON);
    const { story, started } = opened;
    await story.producer.enqueue("hold", {}, { id: "neighbour" });
    await eventually(async () => expect(await started()).toEqual(["neighbour-1"]));
    const silent = await story.producer.enqueue("odd", { by: "what JSON cannot hold" }, { timeoutSeconds: 1 });
    expect(await story.producer.waitForJob(silent.jobId)).toMatchObject({ job: { status: "FAILED", attempts: 1, error: expect.stringMatching(/timed out/) as string } });
    await story.openDoor();
    expect(await story.producer.waitForJob("neighbour")).toMatchObject({ job: { status: "COMPLETED", attempts: 1 } });
  });
});
