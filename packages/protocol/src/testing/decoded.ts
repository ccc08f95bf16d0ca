import { expect } from "vitest";
import type { ExecutionOutcome } from "../outcome.ts";
import type { ExecutionContext } from "../runner.ts";
import { decodeMessage } from "../wire/decode-message.ts";
import type { Message } from "../wire/message.ts";
import { buildRequest } from "./build-request.ts";

/** What a frame with this body says. */
export function decode(body: string): Message {
  return decodeMessage(Buffer.from(body));
}

const CONTEXT = { job_id: "job-1", attempt: 1, enqueue_time: "2025-01-01T12:00:00Z", queue_name: "rrq:queue:default" };

/** The smallest request, with `changes` to its payload and `context` to its context; `undefined` takes a key away. */
export function requestBody(changes: object = {}, context: object = {}): string {
  const payload = { request_id: "req-1", job_id: "job-1", function_name: "echo", context: { ...CONTEXT, ...context } };
  return JSON.stringify({ type: "request", payload: { ...payload, ...changes } });
}

export function responseBody(changes: object): string {
  return JSON.stringify({ type: "response", payload: { job_id: "job-1", request_id: "req-1", ...changes } });
}

export function cancelBody(changes: object = {}): string {
  return JSON.stringify({ type: "cancel", payload: { job_id: "job-1", ...changes } });
}

/** What {@link requestBody} says. */
export function request(changes: object = {}, context: Partial<ExecutionContext> = {}): Message {
  return { kind: "request", protocolVersion: "2", request: buildRequest(changes, context) };
}

export function response(outcome: ExecutionOutcome, ids: object = {}): Message {
  return { kind: "response", jobId: "job-1", requestId: "req-1", outcome, ...ids };
}

/** What an invalid frame says, by default with the ids of the frames above. */
export function invalid(type: "request" | "response" | "cancel" | null, reason: RegExp | string, ids: object = {}): unknown {
  const text: unknown = typeof reason === "string" ? reason : expect.stringMatching(reason);
  return { kind: "invalid", type, reason: text, jobId: "job-1", requestId: "req-1", ...ids };
}

export const NO_IDS = { jobId: null, requestId: null };
