import { describe, expect, test } from "vitest";
import { JsonText } from "../json-text.ts";
import type { ExecutionOutcome } from "../outcome.ts";
import { decode, invalid, NO_IDS, response, responseBody } from "../testing/decoded.ts";

describe("[wire §3.3] a response", () => {
  const boom = { message: "boom" };
  test.each<[string, object, unknown]>([
    ["ids may be absent or null", { job_id: undefined, request_id: null, status: "success" }, response({ type: "success", result: new JsonText("null") }, NO_IDS)],
    ["ids must not be numbers", { request_id: 5, status: "success" }, invalid("response", /request_id must be a string/, { requestId: null })],
    ["status must be there", { result: 1 }, invalid("response", /status is missing/)],
    ["status must not be null", { status: null }, invalid("response", /status must be a string/)],
    ["status is case-sensitive", { status: "Success" }, invalid("response", /status must be success, retry, timeout or error/)],
    ["a missing result is null", { status: "success" }, response({ type: "success", result: new JsonText("null") })],
    ["an error beside success is ignored", { status: "success", result: 1, error: boom }, response({ type: "success", result: new JsonText("1") })],
    ["but must be one", { status: "success", error: "boom" }, invalid("response", "payload.error must be an object")],
    ["a failure without error", { status: "error" }, response({ type: "failure", error: { message: "Job failed" } })],
    ["a failure with null for error", { status: "error", error: null }, response({ type: "failure", error: { message: "Job failed" } })],
    ["an empty message is one", { status: "error", error: { message: "" } }, response({ type: "failure", error: { message: "" } })],
    ["a timeout without error", { status: "timeout" }, response({ type: "timeout", error: { message: "Job execution timed out", type: "timeout" } })],
    ["a timeout without type, as Rust sends it", { status: "timeout", error: boom }, response({ type: "timeout", error: boom })],
    ["retry without anything", { status: "retry" }, response({ type: "retry_after" })],
    ["a retry with a float", { status: "retry", retry_after_seconds: 0.25 }, response({ type: "retry_after", seconds: 0.25 })],
    ["a retry with a negative delay", { status: "retry", retry_after_seconds: -5 }, response({ type: "retry_after", seconds: -5 })],
    ["a retry with null for delay", { status: "retry", retry_after_seconds: null }, response({ type: "retry_after" })],
    ["a delay that is no number, whatever the status", { status: "success", retry_after_seconds: [] }, invalid("response", /retry_after_seconds must be a number/)],
    ["a delay beside another status is ignored", { status: "error", error: boom, retry_after_seconds: 5 }, response({ type: "failure", error: boom })],
    ["fields of other messages are ignored", { status: "retry", params: 5, context: [], hard_kill: 1 }, response({ type: "retry_after" })],
  ])("%s", (_title, changes, message) => {
    expect(decode(responseBody(changes))).toEqual(message);
  });

  test("a delay beyond all numbers is refused, as upstream does", () => {
    expect(decode('{"type":"response","payload":{"status":"retry","retry_after_seconds":1e400}}')).toMatchObject({ kind: "invalid" });
  });
});

describe("[wire §3.4] the error of a response", () => {
  test.each<[string, object, unknown]>([
    ["message must be there", { type: "T" }, invalid("response", /error\.message is missing/)],
    ["message must not be null", { message: null }, invalid("response", /error\.message must be a string/)],
    ["type must not be a number", { message: "m", type: 5 }, invalid("response", /error\.type must be a string/)],
    ["code must not be a number", { message: "m", code: 404 }, invalid("response", /error\.code must be a string/)],
    ["error_type is an unknown key", { message: "m", error_type: 5 }, response({ type: "failure", error: { message: "m" } })],
    ["details may be any JSON", { message: "m", details: [1, "a"] }, response({ type: "failure", error: { message: "m", details: new JsonText('[1,"a"]') } })],
  ])("%s", (_title, error, message) => {
    expect(decode(responseBody({ status: "error", error }))).toEqual(message);
  });
});

describe("[wire §4] the four statuses become six outcomes, and the names of the six are taken for statuses", () => {
  const error = { message: "m", code: "c" };
  test.each<[object, ExecutionOutcome]>([
    [{ status: "success", result: [1] }, { type: "success", result: new JsonText("[1]") }],
    [{ status: "error", error }, { type: "failure", error }],
    [{ status: "error", error: { ...error, type: "PaymentError" } }, { type: "failure", error: { ...error, type: "PaymentError" } }],
    [{ status: "error", error: { ...error, type: "timeout" } }, { type: "failure", error: { ...error, type: "timeout" } }],
    [{ status: "error", error: { ...error, type: "handler_not_found" } }, { type: "handler_not_found", error: { ...error, type: "handler_not_found" } }],
    [{ status: "error", error: { ...error, type: "cancelled" } }, { type: "cancelled", error: { ...error, type: "cancelled" } }],
    [{ status: "timeout", error: { ...error, type: "timeout" } }, { type: "timeout", error: { ...error, type: "timeout" } }],
    [{ status: "retry", error, retry_after_seconds: 1.5 }, { type: "retry_after", error, seconds: 1.5 }],
    [{ status: "failure", error }, { type: "failure", error }],
    [{ status: "failure" }, { type: "failure", error: { message: "Job failed" } }],
    [{ status: "handler_not_found" }, { type: "handler_not_found", error: { message: "Handler not found", type: "handler_not_found" } }],
    [{ status: "handler_not_found", error }, { type: "handler_not_found", error }],
    [{ status: "cancelled" }, { type: "cancelled", error: { message: "Job cancelled", type: "cancelled" } }],
    [{ status: "retry_after", retry_after_seconds: 5 }, { type: "retry_after", seconds: 5 }],
    [{ status: "error", error, retryable: false }, { type: "failure", error, retryable: false }],
    [{ status: "error", error, retryable: true }, { type: "failure", error }],
    [{ status: "error", error, retryable: "no" }, { type: "failure", error }],
    [{ status: "timeout", error, still_running: true }, { type: "timeout", error, stillRunning: true }],
    [{ status: "cancelled", error, still_running: true }, { type: "cancelled", error, stillRunning: true }],
    [{ status: "timeout", error, still_running: false }, { type: "timeout", error }],
    [{ status: "timeout", error, still_running: 1 }, { type: "timeout", error }],
    [{ status: "success", result: 1, retryable: false, still_running: true }, { type: "success", result: new JsonText("1") }],
  ])("%j", (payload, outcome) => {
    expect(decode(responseBody(payload))).toEqual(response(outcome));
  });
});
