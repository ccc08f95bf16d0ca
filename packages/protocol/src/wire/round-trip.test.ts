import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonText } from "../json-text.ts";
import type { ExecutionOutcome, JobError } from "../outcome.ts";
import type { ExecutionRequest } from "../runner.ts";
import { arbitraryOutcome, arbitraryRequest, arbitraryText } from "../testing/arbitrary-frames.ts";
import { foreignBodies, type Tree } from "../testing/foreign-encoder.ts";
import { decodeByTheRules } from "../testing/reference-decoder.ts";
import { decodeMessage } from "./decode-message.ts";
import { encodeCancel } from "./encode-cancel.ts";
import { encodeRequest } from "./encode-request.ts";
import { encodeResponse } from "./encode-response.ts";
import type { Message } from "./message.ts";

const RUNS = { seed: 11, numRuns: 500 };

const bodyOf = (frame: Buffer): Buffer => frame.subarray(4);

describe("[wire §12] what we encode, a decoder written from the rules reads, and ours reads the same", () => {
  test("requests", () => {
    fc.assert(
      fc.property(arbitraryRequest, (request) => {
        const expected: Message = { kind: "request", protocolVersion: "2", request };
        expect(decodeByTheRules(bodyOf(encodeRequest(request)))).toEqual(expected);
        expect(decodeMessage(bodyOf(encodeRequest(request)))).toEqual(expected);
      }),
      RUNS,
    );
  });

  test("responses", () => {
    fc.assert(
      fc.property(arbitraryText, arbitraryText, arbitraryOutcome, (jobId, requestId, outcome) => {
        const expected: Message = { kind: "response", jobId, requestId, outcome };
        const body = bodyOf(encodeResponse({ jobId, requestId }, outcome));
        expect(decodeByTheRules(body)).toEqual(expected);
        expect(decodeMessage(body)).toEqual(expected);
      }),
      RUNS,
    );
  });

  test("cancels", () => {
    fc.assert(
      fc.property(arbitraryText, fc.option(arbitraryText), fc.boolean(), (jobId, requestId, hardKill) => {
        const expected: Message = { kind: "cancel", protocolVersion: "2", jobId, requestId, hardKill };
        const body = bodyOf(encodeCancel({ jobId, requestId, hardKill }));
        expect(decodeByTheRules(body)).toEqual(expected);
        expect(decodeMessage(body)).toEqual(expected);
      }),
      RUNS,
    );
  });
});

describe("[wire §6] what any other encoder may write, ours reads", () => {
  test("requests", () => {
    const bodies = arbitraryRequest.chain((request) => fc.tuple(fc.constant(request), foreignBodies(requestTree(request))));
    fc.assert(
      fc.property(bodies, ([request, body]) => {
        expect(decodeMessage(body)).toEqual({ kind: "request", protocolVersion: "2", request });
      }),
      RUNS,
    );
  });

  test("responses", () => {
    const sent = fc.record({ jobId: fc.option(arbitraryText), requestId: fc.option(arbitraryText), outcome: arbitraryOutcome });
    const bodies = sent.chain((response) => {
      const payload = { job_id: response.jobId ?? undefined, request_id: response.requestId ?? undefined, ...outcomeTree(response.outcome) };
      return fc.tuple(fc.constant(response), foreignBodies({ type: "response", payload }));
    });
    fc.assert(
      fc.property(bodies, ([response, body]) => {
        expect(decodeMessage(body)).toEqual({ kind: "response", ...response });
      }),
      RUNS,
    );
  });

  test("cancels", () => {
    const sent = fc.record({ jobId: arbitraryText, requestId: fc.option(arbitraryText), hardKill: fc.boolean() });
    const bodies = sent.chain((cancel) => {
      const payload = { job_id: cancel.jobId, request_id: cancel.requestId ?? undefined, hard_kill: cancel.hardKill };
      return fc.tuple(fc.constant(cancel), foreignBodies({ type: "cancel", payload }));
    });
    fc.assert(
      fc.property(bodies, ([cancel, body]) => {
        expect(decodeMessage(body)).toEqual({ kind: "cancel", protocolVersion: "2", ...cancel });
      }),
      RUNS,
    );
  });
});

function requestTree({ requestId, jobId, functionName, params, context }: ExecutionRequest): Tree {
  return {
    type: "request",
    payload: {
      protocol_version: "2",
      request_id: requestId,
      job_id: jobId,
      function_name: functionName,
      params,
      context: {
        job_id: context.jobId,
        attempt: context.attempt,
        enqueue_time: context.enqueueTime,
        queue_name: context.queueName,
        deadline: context.deadline ?? undefined,
        trace_context: stringsTree(context.traceContext),
        correlation_context: stringsTree(context.correlationContext),
        worker_id: context.workerId ?? undefined,
        timeout_ms: context.timeoutMs ?? undefined,
        fence: context.fence ?? undefined,
      },
    },
  };
}

/** Keys are data here: nobody may add any. */
function stringsTree(strings: Readonly<Record<string, string>> | null): JsonText | undefined {
  return strings === null ? undefined : new JsonText(JSON.stringify(strings));
}

/** How upstream writes it. */
function outcomeTree(outcome: ExecutionOutcome): Tree {
  const error = "error" in outcome ? errorTree(outcome.error) : undefined;
  const still = "stillRunning" in outcome ? { still_running: true } : {};
  switch (outcome.type) {
    case "success":
      return { status: "success", result: outcome.result as JsonText, error, retry_after_seconds: undefined };
    case "failure":
      return { status: "error", error, result: undefined, ...("retryable" in outcome ? { retryable: false } : {}) };
    case "handler_not_found":
    case "cancelled":
      return { status: "error", error, ...still };
    case "timeout":
      return { status: "timeout", error, ...still };
    case "retry_after":
      return { status: "retry", error, retry_after_seconds: outcome.seconds };
    default:
      return outcome satisfies never;
  }
}

function errorTree({ message, type, code, details }: JobError): Tree {
  return { message, type, code, details: details as JsonText | undefined };
}
