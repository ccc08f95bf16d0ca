import { expect, test } from "vitest";
import { JsonText } from "../json-text.ts";
import { type NewJob, newJobFields } from "./new-job-fields.ts";

const job: NewJob = {
  id: "a",
  functionName: "work",
  params: new JsonText('{"n":1.0}'),
  enqueuedAt: Date.parse("2025-01-01T12:00:00.123Z"),
  runAt: Date.parse("2025-01-01T12:00:05Z"),
  maxRetries: 5,
  timeoutSeconds: 300,
  resultTtlSeconds: 86_400,
  queue: "default",
};

const upstreams = {
  id: "a",
  function_name: "work",
  job_params: '{"n":1.0}',
  enqueue_time: "2025-01-01T12:00:00.123+00:00",
  status: "PENDING",
  current_retries: "0",
  next_scheduled_run_time: "2025-01-01T12:00:05+00:00",
  max_retries: "5",
  job_timeout_seconds: "300",
  result_ttl_seconds: "86400",
  queue_name: "rrq:queue:default",
  result: "null",
};

function toHash(flat: readonly string[]): Record<string, string> {
  const hash: Record<string, string> = {};
  for (let at = 0; at < flat.length; at += 2) hash[flat[at] ?? ""] = flat[at + 1] ?? "";
  return hash;
}

test("a new job has exactly upstream's twelve fields [redis §3.1] [producer §3]", () => {
  expect(toHash(newJobFields(job))).toStrictEqual(upstreams);
});

test("contexts are written if there are any, never empty [producer §3]", () => {
  const traced = { ...job, traceContext: { traceparent: "00-1" }, correlationContext: { tenant: "t" } };
  expect(toHash(newJobFields(traced))).toStrictEqual({
    ...upstreams,
    trace_context: '{"traceparent":"00-1"}',
    correlation_context: '{"tenant":"t"}',
  });
  expect(toHash(newJobFields({ ...job, traceContext: {}, correlationContext: null }))).toStrictEqual(upstreams);
});

test("our own fields go beside upstream's [design §1]", () => {
  const ours = { nonce: "n", uniqueKey: "u", idempotencyKey: "i" };
  expect(toHash(newJobFields({ ...job, ...ours }))).toStrictEqual({
    ...upstreams,
    nonce: "n",
    unique_key: "u",
    idempotency_key: "i",
  });
});
