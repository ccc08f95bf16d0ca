import { type ExecutionOutcome, outcome } from "@rrq/protocol";
import type { Message } from "@rrq/protocol/wire";
import { describe, expect, test } from "vitest";
import { readAnswer } from "./answer.ts";

const asked = (jobId: string, requestId: string) => [requestId, { jobId, requestId }] as const;
/** Two attempts of one job, and one of another. */
const three = new Map([asked("a", "r1"), asked("a", "r2"), asked("b", "r3")]);
const one = new Map([asked("a", "r1")]);
const none = new Map<string, { jobId: string; requestId: string }>();

const response = (requestId: string | null, jobId: string | null, value: ExecutionOutcome = outcome.success("done")): Message => ({ kind: "response", requestId, jobId, outcome: value });
const invalid = (requestId: string | null, jobId: string | null): Message => ({ kind: "invalid", type: "response", reason: "why", requestId, jobId });

describe("[wire §8.4] [trap 14] whose answer it is", () => {
  test.each<[string, Message, typeof three, object]>([
    ["both ids fit", response("r3", "b"), three, { kind: "outcome", request: { requestId: "r3" } }],
    ["of another job", response("r3", "a"), three, { kind: "unusable", request: { requestId: "r3" }, message: 'runner outcome job_id mismatch (expected b, got Some("a"))' }],
    ["without a job", response("r3", null), three, { kind: "unusable", request: { requestId: "r3" }, message: "runner outcome job_id mismatch (expected b, got None)" }],
    ["of a request that is not there", response("r9", "a"), three, { kind: "stray", fields: { request_id: "r9" } }],
    ["without a request id, of the only request of its job", response(null, "b"), three, { kind: "unusable", request: { requestId: "r3" }, message: "runner outcome missing request_id (expected r3)" }],
    ["without a request id, of one of two", response(null, "a"), three, { kind: "stray", fields: { pending: 3 } }],
    ["without any id, of the only request", response(null, null), one, { kind: "unusable", request: { requestId: "r1" } }],
    ["without any id, of one of many", response(null, null), three, { kind: "stray" }],
    ["when nothing was asked", response(null, null), none, { kind: "stray", fields: { pending: 0 } }],
    ["unreadable, with its ids", invalid("r3", "b"), three, { kind: "unusable", request: { requestId: "r3" }, message: "runner message cannot be read: why" }],
    ["unreadable, with the id of its job", invalid(null, "b"), three, { kind: "unusable", request: { requestId: "r3" } }],
    ["unreadable, of nobody", invalid(null, null), three, { kind: "stray", fields: { reason: "why" } }],
  ])("%s", (_title, message, inFlight, expected) => {
    expect(readAnswer(message, inFlight)).toMatchObject(expected);
  });
});

test.each<[string, ExecutionOutcome, string]>([
  ["upstream's text without a type", outcome.failure("Runner busy: too many in-flight requests"), "busy"],
  ["with a type, a handler said it", outcome.failure({ message: "Runner busy: too many in-flight requests", type: "Busy" }), "outcome"],
  ["another text", outcome.failure("Runner busy"), "outcome"],
])("[wire §8.2] a runner without a slot: %s", (_title, value, kind) => {
  expect(readAnswer(response("r1", "a", value), one).kind).toBe(kind);
});

test("[wire §8.4] what only an orchestrator sends is nobody's answer", () => {
  const cancel: Message = { kind: "cancel", protocolVersion: "2", jobId: "a", requestId: "r1", hardKill: false };
  expect(readAnswer(cancel, one)).toMatchObject({ kind: "stray", fields: { type: "cancel" } });
});
