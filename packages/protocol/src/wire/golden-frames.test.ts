import { describe, expect, test } from "vitest";
import { JsonText } from "../json-text.ts";
import { decode, invalid, NO_IDS, request, requestBody, response } from "../testing/decoded.ts";
import { goldenFrames, type GoldenName } from "../testing/golden-frames.ts";
import type { Message } from "./message.ts";

describe("[wire §11.1, §11.2, §11.3, §11.4, §11.5] every example of the specification", () => {
  const success = { type: "success", result: new JsonText('{"ok":true}') } as const;
  const cancel = { kind: "cancel", protocolVersion: "2", jobId: "job-1", requestId: null, hardKill: false } as const;

  test.each<[GoldenName, Message]>([
    [
      "request-full",
      request(
        {
          requestId: "0b0f6f0e-2f0a-4a53-9d0a-0f5d7c3e1a11",
          jobId: "6f1c2b7e-8d4c-4b1b-a5a1-1c2d3e4f5a6b",
          functionName: "send_email",
          params: new JsonText('{"to":"a@example.com","count":3,"ratio":0.5,"nested":{"k":[1,null,true]}}'),
        },
        {
          jobId: "6f1c2b7e-8d4c-4b1b-a5a1-1c2d3e4f5a6b",
          enqueueTime: "2025-01-01T12:00:00.123456789Z",
          deadline: "2099-01-01T12:05:00.250Z",
          traceContext: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
          correlationContext: { tenant_id: "t-1" },
          workerId: "rrq_worker_4242_a1b2c3",
        },
      ),
    ],
    ["request-0914", request({}, { attempt: 2, queueName: "default", workerId: "rrq_worker_1_abcdef" })],
    ["request-min", request()],
    ["response-success", response(success)],
    ["response-success-null", response({ type: "success", result: new JsonText("null") })],
    ["response-success-python-style", response({ type: "success", result: new JsonText('{"ok": true}') })],
    ["response-failure", response({ type: "failure", error: { message: "boom" } })],
    [
      "response-failure-detailed",
      response({
        type: "failure",
        error: { message: "card declined", type: "PaymentError", code: "card_declined", details: new JsonText('{"attempt":1}') },
      }),
    ],
    ["response-failure-nulls", response({ type: "failure", error: { message: "boom" } })],
    [
      "response-handler-not-found",
      response({
        type: "handler_not_found",
        error: { message: "No handler registered for function 'nope'", type: "handler_not_found" },
      }),
    ],
    ["response-timeout", response({ type: "timeout", error: { message: "Job execution timed out", type: "timeout" } })],
    ["response-cancelled", response({ type: "cancelled", error: { message: "Job cancelled", type: "cancelled" } })],
    ["response-retry-after", response({ type: "retry_after", seconds: 60, error: { message: "rate limited" } })],
    ["response-retry-default-delay", response({ type: "retry_after", error: { message: "try later" } })],
    [
      "response-busy",
      response({ type: "failure", error: { message: "Runner busy: too many in-flight requests" } }, { requestId: "req-65" }),
    ],
    ["cancel-request", { ...cancel, requestId: "req-1" }],
    ["cancel-job", cancel],
    ["cancel-job-null-request", cancel],
  ])("%s", (name, message) => {
    expect(decode(goldenFrames[name])).toEqual(message);
  });

  test("the table above misses none", () => {
    expect(Object.keys(goldenFrames)).toHaveLength(18);
  });
});

describe("[wire §11.7] what upstream's strict decoder refuses, but for the names of our outcomes", () => {
  const job = { jobId: "j", requestId: null };
  test.each<[body: string, message: unknown]>([
    ['{"type":"response","payload":{"job_id":"j","request_id":"r","status":"cancelled"}}', { kind: "response", jobId: "j", requestId: "r", outcome: { type: "cancelled", error: { message: "Job cancelled", type: "cancelled" } } }],
    ['{"type":"response","payload":{"job_id":"j","request_id":"r","status":"done"}}', invalid("response", /^payload\.status must be/, { jobId: "j", requestId: "r" })],
    ['{"type":"response","payload":{"job_id":"j","request_id":"r","status":"error","error":{"type":"t"}}}', invalid("response", "payload.error.message is missing; it must be a string", { jobId: "j", requestId: "r" })],
    ['{"type":"response","payload":{"status":"retry","retry_after_seconds":"5"}}', invalid("response", "payload.retry_after_seconds must be a number", NO_IDS)],
    ['{"type":"ping","payload":{}}', invalid(null, /^type must be/, NO_IDS)],
    ['{"type":"cancel","payload":{"request_id":"r"}}', invalid("cancel", "payload.job_id is missing; it must be a string", { jobId: null, requestId: "r" })],
    ['{"type":"cancel","payload":{"job_id":"j","hard_kill":null}}', invalid("cancel", "payload.hard_kill must be a boolean", job)],
    ['{"type":"cancel","payload":{"job_id":"a","job_id":"b"}}', invalid("cancel", "payload.job_id comes twice", NO_IDS)],
    ['{"type":"request"}', invalid("request", "payload is missing; it must be an object", NO_IDS)],
    [requestBody({}, { enqueue_time: "2025-01-01T12:00:00" }), invalid("request", /^payload\.context\.enqueue_time must be an RFC 3339 time/)],
  ])("%s", (body, message) => {
    expect(decode(body)).toEqual(message);
  });
});
