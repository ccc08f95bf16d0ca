import { expect, test } from "vitest";
import { buildJob, type JobRequest } from "./new-job.ts";
import type { ProducerDefaults } from "./options.ts";

const NOW = Date.UTC(2025, 0, 1, 12, 0, 0, 123);
const HASHED = "2025-01-01T12:00:00.123+00:00";

const defaults: ProducerDefaults = {
  queue: "default",
  maxAttempts: 5,
  timeoutSeconds: 300,
  resultTtlSeconds: 86_400,
  idempotencyTtlSeconds: 21_600,
};

/** Options of callers that no compiler checked. */
type Loose = Readonly<Record<string, unknown>>;

function build(options: Loose = {}, change: Partial<JobRequest> = {}) {
  return buildJob({
    functionName: "send",
    params: "{}",
    options: options,
    defaults,
    correlationMappings: {},
    trace: null,
    now: NOW,
    nonce: "n",
    ...change,
  });
}

test("[producer §3] what a plain call stores", () => {
  const job = build({ id: "a" });
  expect(job.shared).toEqual({
    queue: "rrq:queue:default",
    wake: "rrq:ts:wake:default",
    functionName: "send",
    maxRetries: "5",
    timeout: "300",
    resultTtl: "86400",
  });
  expect(job.values).toEqual({
    job: "rrq:job:a",
    nonce: "n",
    dueAt: String(NOW),
    params: "{}",
    enqueueTime: HASHED,
    runTime: "",
    contexts: "",
  });
});

test("[producer §3] an id is a UUID v4 in lower case unless it is given", () => {
  expect(build().id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(build({ id: " any: \u{1F600} text " }).id).toBe(" any: \u{1F600} text ");
});

test.each<[string, string, string]>([
  ["a bare name gets the prefix", "mail", "rrq:queue:mail"],
  ["a full key is left alone", "rrq:queue:mail", "rrq:queue:mail"],
  ["nothing is trimmed", " mail", "rrq:queue: mail"],
])("[producer §1] [redis §1.1] queue names: %s", (_title, queue, key) => {
  expect(build({ queue }).shared.queue).toBe(key);
});

test.each<[string, Loose, string, string]>([
  ["seconds, rounded up to milliseconds", { delaySeconds: 1.0001 }, "2025-01-01T12:00:01.124+00:00", String(NOW + 1001)],
  ["0 is no delay", { delaySeconds: 0 }, "", String(NOW)],
  ["a date", { runAt: new Date(NOW + 5) }, "2025-01-01T12:00:00.128+00:00", String(NOW + 5)],
  ["epoch milliseconds, parts of one cut off", { runAt: NOW + 5.9 }, "2025-01-01T12:00:00.128+00:00", String(NOW + 5)],
  ["the past", { runAt: 0 }, "1970-01-01T00:00:00+00:00", "0"],
  ["a delay counts from enqueuedAt", { enqueuedAt: new Date(0), delaySeconds: 1 }, "1970-01-01T00:00:01+00:00", "1000"],
  ["a debounce runs after its window", { debounce: { key: "k", windowSeconds: 0.5 } }, "2025-01-01T12:00:00.623+00:00", String(NOW + 500)],
])("[producer §4.2] when it runs: %s", (_title, options, runTime, dueAt) => {
  expect(build(options).values).toMatchObject({ runTime, dueAt });
});

test.each<[string, Loose, Loose]>([
  ["the prefix of an idempotency key is always added", { idempotency: { key: "rrq:idempotency:k" } }, { holder: "rrq:idempotency:rrq:idempotency:k", holderTtl: "21600" }],
  ["an idempotency TTL of its own", { idempotency: { key: "k", ttlSeconds: 60 } }, { holder: "rrq:idempotency:k", holderTtl: "60" }],
  ["it lasts at least until the job may run, rounded up", { idempotency: { key: "k", ttlSeconds: 60 }, delaySeconds: 60.001 }, { holderTtl: "61" }],
  ["a unique key of ours", { unique: { key: "k" } }, { holder: "rrq:ts:unique:k" }],
  ["a rate limit, its window rounded up to milliseconds and then to seconds", { rateLimit: { key: "k", windowSeconds: 1.0001 } }, { holder: "rrq:rate_limit:k", holderTtl: "2" }],
  ["at least one second", { rateLimit: { key: "rrq:rate_limit:k", windowSeconds: 0.2 } }, { holder: "rrq:rate_limit:k", holderTtl: "1" }],
  ["a debounce", { debounce: { key: "k", windowSeconds: 3 } }, { holder: "rrq:debounce:k", holderTtl: "3", oldQueue: "rrq:queue:default" }],
])("[producer §1] [producer §5] keys: %s", (_title, options, values) => {
  expect(build(options).values).toMatchObject(values);
});

test("[telemetry §1] [producer §3] headers and attributes are JSON objects of text", () => {
  const trace = { traceparent: "00-x\n" };
  expect(build({ correlation: { tenant: "t" } }, { trace }).values["contexts"]).toBe('{"traceparent":"00-x\\n"}\n{"tenant":"t"}');
  expect(build({}, { trace }).values["contexts"]).toBe('{"traceparent":"00-x\\n"}\n');
  expect(build({ correlation: { tenant: "t" } }).values["contexts"]).toBe('\n{"tenant":"t"}');
});

test.each<[string, Loose, string]>([
  ["an empty id", { id: "" }, "id takes text that is not empty"],
  ["an id of another type", { id: 7 }, "id takes text that is not empty; got 7"],
  ["half a surrogate pair in an id", { id: "\ud800" }, "id takes"],
  ["a blank queue", { queue: "  " }, 'queue takes text that is not blank; got "  "'],
  ["no attempt", { maxAttempts: 0 }, "maxAttempts takes a whole number from 1"],
  ["half an attempt", { maxAttempts: 1.5 }, "maxAttempts takes a whole number"],
  ["no time", { timeoutSeconds: 0 }, "timeoutSeconds takes a whole number from 1"],
  ["a part of a second", { timeoutSeconds: 5.0001 }, "timeoutSeconds takes a whole number"],
  ["more time than Redis can count", { timeoutSeconds: 1e14 }, "timeoutSeconds takes a whole number from 1 to 10000000000"],
  ["a TTL that is no number", { resultTtlSeconds: "60" }, 'resultTtlSeconds takes a whole number from -1 to 10000000000; got "60"'],
  ["a negative delay", { delaySeconds: -1 }, "delaySeconds takes seconds, 0 or more"],
  ["an infinite delay", { delaySeconds: Infinity }, "delaySeconds takes"],
  ["a delay that is no number", { delaySeconds: NaN }, "delaySeconds takes seconds, 0 or more, at most 10000000000; got NaN"],
  ["an invalid date", { runAt: new Date(NaN) }, "runAt takes a date, or epoch milliseconds, in the years 0 to 9999; got an invalid date"],
  ["a date after the calendar", { runAt: 8.64e15 }, "runAt takes"],
  ["a delay beyond the calendar", { delaySeconds: 9e9, enqueuedAt: new Date("9999-01-01") }, "runAt takes"],
  ["a date as text", { enqueuedAt: "2025-01-01" }, "enqueuedAt takes a date"],
  ["two ways to say when", { delaySeconds: 1, runAt: NOW }, "delaySeconds, runAt and debounce exclude each other"],
  ["a delay beside a debounce", { delaySeconds: 1, debounce: { key: "k", windowSeconds: 1 } }, "exclude each other"],
  ["two keys", { unique: { key: "a" }, rateLimit: { key: "b", windowSeconds: 1 } }, "idempotency, unique, rateLimit, debounce exclude each other"],
  ["a blank idempotency key", { idempotency: { key: " " } }, "idempotency.key takes text that is not blank"],
  ["no idempotency TTL", { idempotency: { key: "k", ttlSeconds: 0 } }, "idempotency.ttlSeconds takes seconds, more than 0"],
  ["a blank unique key", { unique: { key: "" } }, "unique.key takes"],
  ["a blank rate-limit key", { rateLimit: { key: "", windowSeconds: 1 } }, "rateLimit.key takes"],
  ["no window", { rateLimit: { key: "k", windowSeconds: 0 } }, "rateLimit.windowSeconds takes seconds, more than 0"],
  ["a blank debounce key", { debounce: { key: "\t", windowSeconds: 1 } }, "debounce.key takes"],
  ["a negative window", { debounce: { key: "k", windowSeconds: -1 } }, "debounce.windowSeconds takes seconds, more than 0"],
  ["attributes that are no text", { correlation: { n: 1 } }, "correlation takes an object whose values are all text"],
])("[producer §4.1] %s is refused, with the option and what it takes", (_title, options, message) => {
  expect(() => build(options)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) as unknown }));
});

test("[producer §4.1] a blank name of a job is refused", () => {
  expect(() => build({}, { functionName: " " })).toThrow(/^job takes text that is not blank/);
});

test("[trap 15] names and headers that leave no room in a frame are refused", () => {
  expect(() => build({}, { trace: { baggage: "x".repeat(61 * 1024) } })).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
  expect(() => build({ id: "\u0001".repeat(6_000) })).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
  expect(build({}, { trace: { baggage: "x".repeat(50 * 1024) } }).values["contexts"]).toHaveLength(50 * 1024 + '{"baggage":""}\n'.length);
});
