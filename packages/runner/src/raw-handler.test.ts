import { outcome } from "@rrq/protocol";
import { describe, expect, test } from "vitest";
import { CANCELLED } from "./abort-reasons.ts";
import type { RawHandler, RawRequest } from "./raw-handler.ts";
import { createRegistry } from "./registry.ts";
import { NonRetryable } from "./retry-after.ts";
import { runHandler } from "./testing/index.ts";

const runRaw = (handler: RawHandler) => runHandler(createRegistry().registerRaw("raw", handler), "raw", { a: 1 }, { jobId: "j" });

describe("[runner §4.3] handlers in upstream's form", () => {
  test("get the request with upstream's names and times as they were sent", async () => {
    const seen: RawRequest[] = [];
    const registry = createRegistry().registerRaw("raw", (request) => void seen.push(request));
    await runHandler(registry, "raw", { a: [1] }, {
      jobId: "j", attempt: 2, queueName: "rrq:queue:q", workerId: "w", timeoutSeconds: 5,
      enqueuedAt: new Date(0), trace: { traceparent: "t" }, correlation: { tenant: "x" },
    });
    expect(seen).toEqual([
      {
        protocol_version: "2",
        request_id: expect.any(String) as string,
        job_id: "j",
        function_name: "raw",
        params: { a: [1] },
        context: {
          job_id: "j",
          attempt: 2,
          enqueue_time: "1970-01-01T00:00:00.000Z",
          queue_name: "rrq:queue:q",
          deadline: expect.stringMatching(/Z$/) as string,
          trace_context: { traceparent: "t" },
          correlation_context: { tenant: "x" },
          worker_id: "w",
        },
      },
    ]);
  });

  test("get the signal, which fires with its reason", async () => {
    const cancel = new AbortController();
    const registry = createRegistry().registerRaw("raw", (_request, signal) => {
      cancel.abort();
      return signal.reason === CANCELLED ? Promise.reject(new Error("seen")) : "not seen";
    });
    expect(await runHandler(registry, "raw", {}, { signal: cancel.signal })).toEqual(outcome.cancelled());
  });

  test.each<[string, RawHandler, object]>([
    ["a plain value", () => ({ ok: true }), outcome.success({ ok: true })],
    ["an outcome of ours", () => outcome.retryAfter(3), outcome.retryAfter(3)],
    ["upstream's success", ({ job_id, request_id }) => ({ job_id, request_id, status: "success", result: 5 }), outcome.success(5)],
    ["upstream's retry", ({ job_id, request_id }) => ({ job_id, request_id, status: "retry", error: { message: "later" }, retry_after_seconds: 60 }), outcome.retryAfter(60, "later")],
    ["upstream's error", ({ job_id, request_id }) => ({ job_id, request_id, status: "error", error: { message: "m", type: "T", code: "c" } }), outcome.failure({ message: "m", type: "T", code: "c" })],
    ["upstream's timeout", ({ job_id, request_id }) => ({ job_id, request_id, status: "timeout", error: { message: "slow" } }), outcome.timeout("slow")],
    ["upstream's cancelled", ({ job_id, request_id }) => ({ job_id, request_id, status: "error", error: { message: "stop", type: "cancelled" } }), outcome.cancelled("stop")],
    ["upstream's handler not found", ({ job_id, request_id }) => ({ job_id, request_id, status: "error", error: { message: "m", type: "handler_not_found" } }), outcome.handlerNotFound("raw")],
    ["empty ids, which upstream fills in", () => ({ job_id: "", request_id: null, status: "success", result: 6 }), outcome.success(6)],
  ])("[runner §4.2] may return %s", async (_title, handler, expected) => {
    expect(await runRaw(handler)).toEqual(expected);
  });

  test.each<[string, object]>([
    ["of another job", { job_id: "other", request_id: "r", status: "success", result: 1 }],
    ["without ids", { status: "retry" }],
    ["with a status that is no text", { job_id: "j", request_id: null, status: 200 }],
  ])("[trap 37] an object with a status %s is a result", async (_title, value) => {
    expect(await runRaw(() => value)).toEqual(outcome.success(value));
  });

  test.each<[string, object]>([
    ["an unknown status", { status: "done" }],
    ["an error without a message", { status: "error", error: {} }],
    ["a delay in words", { status: "retry", retry_after_seconds: "5" }],
    ["a result that is no JSON", { status: "success", result: 5n }],
  ])("[runner §10] an outcome that no orchestrator can read is a failure: %s", async (_title, value) => {
    const told = await runRaw(({ job_id, request_id }) => ({ job_id, request_id, ...value }));
    expect(told).toMatchObject({ type: "failure", error: { type: "TypeError" } });
  });

  test("may throw as other handlers do", async () => {
    const told = await runRaw(() => { throw new NonRetryable("no"); });
    expect(told).toMatchObject({ type: "failure", retryable: false });
  });
});
