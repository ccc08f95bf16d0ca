import { JsonText, outcome } from "@rrq/protocol";
import { expect, test } from "vitest";
import type { Ending } from "../core/decide.ts";
import { describeEnding, type EndingView, isFailure } from "./describe-ending.ts";

test.each<[string, Ending, EndingView, boolean]>([
  ["a success", { type: "success", result: new JsonText("1") }, { outcome: "success" }, false],
  ["a failure", outcome.failure({ message: "no", type: "Card" }), { outcome: "error", message: "no", errorType: "Card" }, true],
  ["a failure without a type", outcome.failure("no"), { outcome: "error", message: "no" }, true],
  ["a cancel that nobody asked for", outcome.cancelled("stop"), { outcome: "error", message: "stop", errorType: "cancelled" }, true],
  ["a retry", outcome.retryAfter(), { outcome: "retry" }, false],
  ["a retry with a delay", outcome.retryAfter(1.5, "busy"), { outcome: "retry", message: "busy", retryDelayMs: 1_500 }, false],
  ["a timeout", outcome.timeout("late"), { outcome: "timeout", message: "late", errorType: "timeout" }, true],
  ["an unknown handler", outcome.handlerNotFound("f"), { outcome: "fatal", message: expect.any(String) as string, errorType: "handler_not_found" }, true],
  ["a job that cannot run", { type: "unrunnable", message: "no handler" }, { outcome: "fatal", message: "no handler" }, true],
  ["a lost runner", { type: "runner-lost", message: "gone" }, { outcome: "transport_error", message: "gone" }, true],
  ["a runner that is away", { type: "not-started", message: "away" }, { outcome: "transport_error", message: "away" }, true],
  ["our own interruption", { type: "interrupted", message: "shutdown" }, { outcome: "cancelled", message: "shutdown" }, false],
])("[telemetry §3] %s has upstream's name", (_title, ending, view, failure) => {
  expect(describeEnding(ending)).toEqual(view);
  expect(isFailure(view.outcome)).toBe(failure);
});
