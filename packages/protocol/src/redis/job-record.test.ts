import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonText } from "../json-text.ts";
import { jobFields } from "./job-fields.ts";
import { type JobRecord, MAX_TTL_SECONDS, readJobRecord } from "./job-record.ts";
import { type NewJob, newJobFields } from "./new-job-fields.ts";

const sound = {
  id: "a",
  function_name: "python#work",
  job_params: '{"n":1.0,"big":18446744073709551617}',
  enqueue_time: "2025-01-01T12:00:00.123456789+00:00",
  status: "PENDING",
  current_retries: "0",
  next_scheduled_run_time: "2025-01-01T12:00:01+00:00",
  max_retries: "5",
  job_timeout_seconds: "300",
  result_ttl_seconds: "86400",
  queue_name: "rrq:queue:default",
  result: "null",
};
const noon = Date.parse("2025-01-01T12:00:00.123Z");

function read(change: Record<string, string | undefined>): JobRecord {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries<string | undefined>({ ...sound, ...change })) {
    if (value !== undefined) fields[name] = value;
  }
  return readJobRecord("key-id", fields);
}

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("a field is read as upstream reads it", () => {
  test.each<[field: string, value: string | undefined, expected: Partial<JobRecord>]>([
    ["id", undefined, { id: "key-id" }],
    ["id", "other", { id: "other" }],
    ["function_name", undefined, { functionName: "" }],
    ["job_params", undefined, { params: new JsonText("{}") }],
    ["job_params", sound.job_params, { params: new JsonText(sound.job_params) }],
    ["job_params", ' { "a" : 1e400 } ', { params: new JsonText(' { "a" : 1e400 } ') }],
    ["job_params", "", { params: new JsonText("{}") }],
    ["job_params", "{", { params: new JsonText("{}") }],
    ["job_params", "[1]", { params: new JsonText("{}") }],
    ["job_params", "null", { params: new JsonText("{}") }],
    ["job_params", '{"a":NaN}', { params: new JsonText("{}") }],
    ["job_params", '{"a":"\\ud800"}', { params: new JsonText("{}") }],
    ["job_params", '{"a":"\\ud83d\\ude00"}', { params: new JsonText('{"a":"\\ud83d\\ude00"}') }],
    ["job_params", deep(127), { params: new JsonText(deep(127)) }],
    ["job_params", deep(128), { params: new JsonText("{}") }],
    ["enqueue_time", "2025-01-01T13:00:00.123+01:00", { enqueuedAt: noon, enqueueTime: "2025-01-01T13:00:00.123+01:00" }],
    ["enqueue_time", "2025-01-01t12:00:00.123z", { enqueuedAt: noon }],
    ["enqueue_time", "2025-01-01T12:00:00", { enqueuedAt: null, enqueueTime: null }],
    ["enqueue_time", undefined, { enqueuedAt: null, enqueueTime: null }],
    ["status", "CANCELLED", { status: "CANCELLED" }],
    ["status", "pending", { status: null }],
    ["status", undefined, { status: null }],
    ["current_retries", "3", { retries: 3 }],
    ["current_retries", undefined, { retries: 0 }],
    ["current_retries", "x", { retries: 0 }],
    ["current_retries", "1.5", { retries: 0 }],
    ["current_retries", "-1", { retries: 0 }],
    ["next_scheduled_run_time", sound.next_scheduled_run_time, { nextRunAt: Date.parse("2025-01-01T12:00:01Z") }],
    ["next_scheduled_run_time", "soon", { nextRunAt: null }],
    ["max_retries", "0", { maxRetries: 0 }],
    ["max_retries", "+7", { maxRetries: 7 }],
    ["max_retries", " 7", { maxRetries: null }],
    ["max_retries", "9223372036854775807", { maxRetries: 2 ** 63 }],
    ["max_retries", "9223372036854775808", { maxRetries: null }],
    ["job_timeout_seconds", undefined, { timeoutSeconds: null, malformed: null }],
    ["job_timeout_seconds", "soon", { timeoutSeconds: null, malformed: null }],
    ["job_timeout_seconds", "", { timeoutSeconds: null, malformed: null }],
    ["result_ttl_seconds", "-1", { resultTtlSeconds: -1 }],
    ["result_ttl_seconds", "0", { resultTtlSeconds: 0 }],
    ["result_ttl_seconds", "9223372036854775807", { resultTtlSeconds: MAX_TTL_SECONDS }],
    ["result_ttl_seconds", "1e3", { resultTtlSeconds: null }],
    ["queue_name", "bare", { queue: "rrq:queue:bare" }],
    ["queue_name", undefined, { queue: null }],
    ["result", "null", { result: null }],
    ["result", "NULL", { result: null }],
    ["result", "", { result: null }],
    ["result", undefined, { result: null }],
    ["result", "{", { result: null }],
    ["result", "1.0", { result: new JsonText("1.0") }],
    ["trace_context", '{"traceparent":"00-1"}', { traceContext: { traceparent: "00-1" } }],
    ["trace_context", "null", { traceContext: null }],
    ["trace_context", '{"a":1}', { traceContext: null }],
    ["trace_context", "[]", { traceContext: null }],
    ["correlation_context", '{"tenant":"t-1"}', { correlationContext: { tenant: "t-1" } }],
    ["correlation_context", "x", { correlationContext: null }],
    ["job_unique_key", "cron:f", { upstreamUniqueKey: "cron:f" }],
    ["job_unique_key", "", { upstreamUniqueKey: null }],
    ["dlq_name", "mail", { dlq: "rrq:dlq:mail" }],
    ["dlq_name", "", { dlq: null }],
    ["start_time", sound.enqueue_time, { startedAt: noon }],
    ["completion_time", sound.enqueue_time, { completedAt: noon }],
    ["completion_time", "x", { completedAt: null }],
    ["worker_id", "rrq_worker_1_a", { workerId: "rrq_worker_1_a" }],
    ["last_error", "", { lastError: "" }],
    ["last_error", undefined, { lastError: null }],
    ["retry_1_at", "x", { retries: 0, malformed: null }],
    ["__proto__", "x", { malformed: null }],
  ])("%s = %s [redis §3] [producer §3]", (field, value, expected) => {
    expect(read({ [field]: value })).toMatchObject(expected);
  });

  test.each<[field: string, value: string | undefined, expected: Partial<JobRecord>]>([
    ["fence", "1767225600123", { fence: 1_767_225_600_123 }],
    ["fence", "x", { fence: null }],
    ["rescues", "2", { rescues: 2 }],
    ["rescues", "many", { rescues: 0 }],
    ["cancel", "1", { cancelRequested: true }],
    ["cancel", undefined, { cancelRequested: false }],
    ["closed", "1", { closed: true }],
    ["closed", undefined, { closed: false }],
    ["nonce", "n", { nonce: "n" }],
    ["unique_key", "k", { uniqueKey: "k" }],
    ["idempotency_key", "k", { idempotencyKey: "k" }],
    ["errors", '[{"at":"t","attempt":1,"message":"m","more":0},7]', { errors: [{ at: "t", attempt: 1, message: "m" }] }],
    ["errors", "[", { errors: [] }],
    ["errors", "{}", { errors: [] }],
  ])("ours: %s = %s [design §8]", (field, value, expected) => {
    expect(read({ [field]: value })).toMatchObject(expected);
  });
});

describe("what no worker can run is told, not thrown", () => {
  test.each<[field: string, value: string | undefined, reason: RegExp]>([
    ["status", undefined, /no status/],
    ["status", "DONE", /status is "DONE"/],
    ["enqueue_time", undefined, /no enqueue_time/],
    ["enqueue_time", "yesterday", /enqueue_time is "yesterday"/],
    ["enqueue_time", "2025-02-30T12:00:00Z", /enqueue_time/],
    ["enqueue_time", "2025-01-01T12:00:00+0000", /enqueue_time/],
    ["job_timeout_seconds", "0", /job_timeout_seconds is "0"/],
    ["job_timeout_seconds", "-5", /job_timeout_seconds/],
    ["job_timeout_seconds", "5.0001", /job_timeout_seconds/],
    ["job_timeout_seconds", "100000000000000", /job_timeout_seconds/],
    ["job_timeout_seconds", "1e14", /job_timeout_seconds/],
    ["job_timeout_seconds", "99999999999999999999", /job_timeout_seconds/],
    ["job_timeout_seconds", "Infinity", /job_timeout_seconds/],
  ])("%s = %s [redis §4.3] [trap 6]", (field, value, reason) => {
    const record = read({ [field]: value });
    expect(record.malformed).toMatch(reason);
    expect(record.timeoutSeconds).toBe(field === "job_timeout_seconds" ? null : 300);
  });

  test("a hash of nothing but a status is read [producer §6]", () => {
    expect(readJobRecord("j", { status: "COMPLETED", result: "7" })).toMatchObject({
      ...{ id: "j", status: "COMPLETED", result: new JsonText("7"), functionName: "", queue: null, maxRetries: null },
    });
  });

  test("garbage in any field never throws [redis §3]", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.double().map(String),
      fc.bigInt().map(String),
      fc.date({ noInvalidDate: false }).map(String),
      fc.constantFrom("null", "", "{", '"', "[]", "__proto__", deep(200), deep(2000)),
    );
    const name = fc.oneof(fc.constantFrom(...Object.values(jobFields)), fc.string());
    fc.assert(
      fc.property(fc.string(), fc.dictionary(name, value, { maxKeys: 20 }), (id, fields) => {
        const record = readJobRecord(id, fields);
        expect(record.retries).toBeGreaterThanOrEqual(0);
        expect(record.params.parse()).toBeTypeOf("object");
      }),
      { numRuns: 2_000 },
    );
  });
});

test("what we write is read back, every field of it [redis §3.1]", () => {
  const time = fc.integer({ min: 0, max: 4_102_444_800_000 });
  const context = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { minKeys: 1 });
  const name = fc.string({ minLength: 1, unit: "binary" });
  const newJob: fc.Arbitrary<NewJob> = fc.record(
    {
      id: name,
      functionName: name,
      params: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => new JsonText(JSON.stringify(value))),
      enqueuedAt: time,
      runAt: time,
      maxRetries: fc.integer({ min: 1 }),
      timeoutSeconds: fc.integer({ min: 1 }),
      resultTtlSeconds: fc.integer({ min: -1 }),
      queue: name,
      traceContext: context,
      correlationContext: context,
      nonce: name,
      uniqueKey: name,
      idempotencyKey: name,
    },
    {
      requiredKeys: [
        ...(["id", "functionName", "params", "enqueuedAt", "runAt", "maxRetries", "timeoutSeconds", "resultTtlSeconds", "queue"] as const),
      ],
    },
  );
  fc.assert(
    fc.property(newJob, (job) => {
      const flat = newJobFields(job);
      const fields: Record<string, string> = {};
      for (let at = 0; at < flat.length; at += 2) fields[flat[at] ?? ""] = flat[at + 1] ?? "";
      const { runAt, queue, ...same } = job;
      expect(readJobRecord("key", fields)).toMatchObject({
        ...same,
        nextRunAt: runAt,
        queue: queue.startsWith("rrq:queue:") ? queue : `rrq:queue:${queue}`,
        status: "PENDING",
        retries: 0,
        result: null,
        malformed: null,
        nonce: job.nonce ?? null,
        uniqueKey: job.uniqueKey ?? null,
        idempotencyKey: job.idempotencyKey ?? null,
        traceContext: job.traceContext ?? null,
        correlationContext: job.correlationContext ?? null,
      });
    }),
  );
});
