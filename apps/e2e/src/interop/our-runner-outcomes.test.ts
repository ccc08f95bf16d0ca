import { keys } from "@rrq/protocol/redis";
import { describe, expect, inject, test } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { openOurRunnerStory, type OurRunnerStory } from "./our-runner-story.ts";

const upstream = inject("upstream");

/** Every mixture goes to two pools of two processes at the same time. */
const POOLS = ["main", "second"] as const;
const PROCESSES = { pool_size: 2, max_in_flight: 16 };
/** So long that a job that waits for its next attempt is still there to be looked at. */
const BASE_DELAY_SECONDS = 100;

const openUpstreamStory = (): Promise<OurRunnerStory> =>
  openOurRunnerStory({ main: PROCESSES, second: PROCESSES }, { base_retry_delay_seconds: BASE_DELAY_SECONDS, max_retry_delay_seconds: 1_000 });

interface End {
  readonly status: "COMPLETED" | "RETRYING" | "FAILED";
  readonly error: string | null;
  /** Until the next attempt. */
  readonly waits?: number;
}

/** Each with attempts left. */
const ENDS: Readonly<Record<string, End>> = {
  success: { status: "COMPLETED", error: null },
  failure: { status: "RETRYING", error: "card declined", waits: BASE_DELAY_SECONDS },
  "failure without words": { status: "RETRYING", error: "", waits: BASE_DELAY_SECONDS },
  // Only ours knows that more attempts are of no use.
  "failure for good": { status: "RETRYING", error: "never again", waits: BASE_DELAY_SECONDS },
  handler_not_found: { status: "FAILED", error: "No handler registered for function 'something else'" },
  timeout: { status: "FAILED", error: "the upstream of mine timed out" },
  cancelled: { status: "RETRYING", error: "Job cancelled", waits: BASE_DELAY_SECONDS },
  "retry_after 30 s": { status: "RETRYING", error: "rate limited", waits: 30 },
  "retry_after without a time": { status: "RETRYING", error: "Job requested retry", waits: BASE_DELAY_SECONDS },
  "throws an error": { status: "RETRYING", error: "boom", waits: BASE_DELAY_SECONDS },
  "throws a text": { status: "RETRYING", error: "just a text", waits: BASE_DELAY_SECONDS },
  "throws NonRetryable": { status: "RETRYING", error: "not with these params", waits: BASE_DELAY_SECONDS },
  "throws RetryAfter": { status: "RETRYING", error: "not yet", waits: 30 },
};

const UNFIT: Readonly<Record<string, RegExp>> = {
  "a BigInt": /BigInt/,
  "a cycle": /circular|cycle/,
  "half a surrogate pair": /surrogate/,
  "17 MiB": /16777216|16 MiB/,
  "126 levels": /125|levels/,
};

/** What a handler says, and what upstream stores of it: it parses numbers and prints them again. */
const RESULTS: readonly (readonly [said: string, stored: string])[] = [
  ["null", "null"],
  ["0", "0"],
  ["false", "false"],
  ['""', '""'],
  ["{}", "{}"],
  ['"é 😀 \\u0000 \\u2028 \\" \\\\"', '"é 😀 \\u0000 \u2028 \\" \\\\"'],
  ["1.0", "1.0"],
  ["-0.0", "-0.0"],
  ["0.1", "0.1"],
  ["9007199254740993", "9007199254740993"],
  ["-9223372036854775808", "-9223372036854775808"],
  ["18446744073709551615", "18446744073709551615"],
  ["18446744073709551617", "1.8446744073709552e+19"],
  ["1e300", "1e+300"],
  ['{"b":[1,{"d":null,"c":[]}],"a":1}', '{"a":1,"b":[1,{"c":[],"d":null}]}'],
  ["[".repeat(125) + "]".repeat(125), "[".repeat(125) + "]".repeat(125)],
];

describe.skipIf(upstream === null)("[wire §8.4] [design §1] upstream's orchestrator takes what our runner says", () => {
  test("[wire §4] [runner §4.2] all six outcome types and what handlers throw, on two pools of two processes at once", async () => {
    await using opened = await openUpstreamStory();
    const { story } = opened;
    const { redis } = story.database;
    const jobs = POOLS.flatMap((pool) => Object.entries(ENDS).map(([by, end]) => ({ pool, by, end, id: `${pool}: ${by}` })));
    const enqueuedAt = Date.now();
    await story.producer.enqueueMany(jobs.map(({ pool, by, id }) => ({ job: "end", params: { by }, options: { id, queue: pool, maxAttempts: 3 } })));
    const seen = await eventually(async () => {
      const fields = await Promise.all(jobs.map(({ id }) => redis.hmget(keys.job(id), "status", "last_error", "current_retries")));
      expect(fields.filter(([status]) => status === "PENDING" || status === "ACTIVE")).toEqual([]);
      return fields;
    });
    expect(Object.fromEntries(seen.map((fields, index) => [jobs[index]?.id, fields]))).toEqual(
      Object.fromEntries(jobs.map(({ id, end }) => [id, [end.status, end.error, end.status === "COMPLETED" ? "0" : "1"]])),
    );
    for (const { id, end, pool } of jobs) {
      const due = await redis.zscore(keys.queue(pool), id);
      if (end.waits === undefined) expect([id, due]).toEqual([id, null]);
      else expect([id, Math.floor((Number(due) - enqueuedAt) / 10_000)]).toEqual([id, end.waits / 10]);
    }
    const dead = jobs.filter(({ end }) => end.status === "FAILED").map(({ id }) => id);
    expect((await redis.lrange(keys.dlq("default"), 0, -1)).toSorted()).toEqual(dead.toSorted());
  });

  test("[wire §4] the last attempt of each dead-letters the job, and a retry in the past comes at once", async () => {
    await using opened = await openUpstreamStory();
    const { story } = opened;
    const jobs = ["failure", "cancelled", "retry_after 30 s", "retry_after 0.5 s ago"].map((by) => ({ by, id: by }));
    const maxAttempts = (by: string): number => (by === "retry_after 0.5 s ago" ? 3 : 1);
    await story.producer.enqueueMany(jobs.map(({ by, id }) => ({ job: "end", params: { by }, options: { id, queue: "main", maxAttempts: maxAttempts(by) } })));
    const ends = await Promise.all(jobs.map(({ id }) => story.producer.waitForJob(id, { timeoutSeconds: 15 })));
    expect(ends).toMatchObject(jobs.map(({ by }) => ({ kind: "finished", job: { status: "FAILED", attempts: maxAttempts(by) } })));
  });

  test("[wire §6] [runner §4.2] every result is stored as it was said, numbers as upstream prints them", async () => {
    await using opened = await openUpstreamStory();
    const { story } = opened;
    const ids = RESULTS.map((_, index) => `r${index}`);
    await story.producer.enqueueMany(RESULTS.map(([text], index) => ({ job: "text", params: { text }, options: { id: `r${index}`, queue: "main" } })));
    for (const id of ids) await story.producer.waitForJob(id, { timeoutSeconds: 15 });
    const stored = await Promise.all(ids.map((id) => story.database.redis.hget(keys.job(id), "result")));
    expect(stored).toEqual(RESULTS.map(([, text]) => text));
  });

  test("[wire §1] 15 MiB on one connection arrive whole, and small neighbours with them", async () => {
    await using opened = await openUpstreamStory();
    const { story } = opened;
    const times = (15 << 20) / 8; // of eight bytes each, as JSON
    const large = await story.producer.enqueue("repeat", { text: "é \" é", times: times }, { queue: "main" });
    const neighbours = await Promise.all(Array.from({ length: 20 }, () => story.producer.enqueue("where", {}, { queue: "main" })));
    for (const { jobId } of neighbours) {
      expect(await story.producer.waitForJob(jobId)).toMatchObject({ kind: "finished", job: { status: "COMPLETED" } });
    }
    expect(await story.producer.waitForJob(large.jobId)).toMatchObject({ kind: "finished", job: { status: "COMPLETED" } });
    const stored = (await story.database.redis.hget(keys.job(large.jobId), "result")) ?? "";
    expect(stored === JSON.stringify("é \" é".repeat(times))).toBe(true);
  });

  test("[trap 36] [runner §4.2] what no frame holds is that job's failure, and its neighbours' connection lives", async () => {
    await using opened = await openUpstreamStory();
    const { story } = opened;
    const names = Object.keys(UNFIT);
    const unfit = await Promise.all(names.map((by) => story.producer.enqueue("unfit", { by }, { queue: "main", maxAttempts: 1 })));
    const held = await Promise.all(Array.from({ length: 8 }, () => story.producer.enqueue("hold", {}, { queue: "main", maxAttempts: 1 })));
    const ends = await Promise.all(unfit.map(({ jobId }) => story.producer.waitForJob(jobId)));
    expect(ends).toMatchObject(
      names.map((by) => ({ kind: "finished", job: { status: "FAILED", error: expect.stringMatching(UNFIT[by] ?? /^$/) as string } })),
    );
    await story.openDoor();
    for (const { jobId } of held) {
      expect(await story.producer.waitForJob(jobId)).toMatchObject({ kind: "finished", job: { status: "COMPLETED", attempts: 1 } });
    }
  });

  test("[runner §4.3] [wire §3.2] a handler sees what upstream's orchestrator says of its job", async () => {
    await using opened = await openUpstreamStory();
    const { story } = opened;
    const options = { id: "a", queue: "second", trace: { traceparent: "00-1" }, correlation: { tenant: "t" }, timeoutSeconds: 60 };
    await story.producer.enqueue("see", { deep: [{ n: 1.5 }] }, options);
    const end = await story.producer.waitForJob("a");
    const job = await story.producer.getJob("a");
    expect(end).toMatchObject({
      job: {
        result: {
          ...{ params: { deep: [{ n: 1.5 }] }, jobId: "a", queueName: keys.queue("second"), attempt: 1, fence: null },
          ...{ trace: options.trace, correlation: options.correlation, enqueuedAt: job?.enqueuedAt?.getTime() },
          deadline: expect.closeTo((job?.startedAt?.getTime() ?? 0) + 60_000, -4) as number,
        },
      },
    });
  });

  test("[wire §8.1] [wire §8.2] every process of a pool is filled, with as many jobs as its table says", async () => {
    await using opened = await openUpstreamStory();
    const { story, told } = opened;
    const ids = Array.from({ length: 70 }, (_, index) => `h${index}`);
    await story.producer.enqueueMany(ids.map((id, index) => ({ job: "hold", options: { id, queue: POOLS[index % 2] } })));
    await eventually(async () => expect(await told()).toHaveLength(64));
    const perProcess = new Map<number, number>();
    for (const what of await told()) if ("started" in what) perProcess.set(what.started, (perProcess.get(what.started) ?? 0) + 1);
    expect([...perProcess.values()]).toEqual([16, 16, 16, 16]);
    await story.openDoor();
    const ends = await Promise.all(ids.map((id) => story.producer.waitForJob(id, { timeoutSeconds: 15 })));
    expect(ends).toMatchObject(ids.map(() => ({ job: { status: "COMPLETED", result: "the door is open", attempts: 1 } })));
  });
});
