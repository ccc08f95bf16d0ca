import { JsonText, outcome } from "@rrq/protocol";
import { describe, expect, test } from "vitest";
import { decide, type Ending, type RetryPolicy } from "./core/decide.ts";
import { tellEnding } from "./tell-ending.ts";
import { buildJob } from "./testing/build-job.ts";
import { keptLog } from "./testing/kept-log.ts";

const NOW = Date.UTC(2026, 0, 1);
const policy: RetryPolicy = { baseMs: 5_000, maxMs: 3_600_000, jitter: 0, retryOnTimeout: false };

/** What is told of an attempt that ended so, as `level: message`. */
function told(ending: Ending, retries = 0): { readonly lines: string[]; readonly fields: object[] } {
  const { log, records } = keptLog();
  const job = buildJob({ retries });
  tellEnding(log, job, ending, decide(job, ending, policy, NOW, 0), 12);
  return { lines: records.map(({ level, message }) => `${level}: ${message}`), fields: records.map(({ fields }) => fields) };
}

describe("[telemetry §6] what the log says of an attempt", () => {
  const failure = outcome.failure({ message: "declined", type: "Card" });
  test.each<[string, Ending, number, string[]]>([
    ["a success", { type: "success", result: new JsonText("1") }, 0, ["debug: job completed"]],
    ["a failure", failure, 0, ["error: job failed", "info: retrying failed job"]],
    ["the last failure", failure, 2, ["error: job failed", "warn: failure exhausted retry budget; moving job to dlq", "warn: job moved to dlq"]],
    ["a failure for good", outcome.failure("no", { retryable: false }), 0, ["error: job failed", "warn: job moved to dlq"]],
    ["a retry", outcome.retryAfter(3), 0, ["warn: job retry requested", "info: retrying job"]],
    ["the last retry", outcome.retryAfter(3), 2, ["warn: job retry requested", "warn: retry budget exhausted; moving job to dlq", "warn: job moved to dlq"]],
    ["a timeout", outcome.timeout(), 0, ["warn: job timeout", "warn: job moved to dlq"]],
    ["an unknown handler", outcome.handlerNotFound("f"), 0, ["error: job fatal error", "warn: job moved to dlq"]],
    ["a job that cannot run", { type: "unrunnable", message: "no handler" }, 0, ["error: job fatal error", "warn: job moved to dlq"]],
    ["a lost runner", { type: "runner-lost", message: "gone" }, 0, ["error: job failed before runner response", "info: retrying failed job"]],
    ["a runner that is away", { type: "not-started", message: "away" }, 0, ["warn: job not started; it goes back to its queue"]],
    ["our own interruption", { type: "interrupted", message: "bye" }, 0, ["warn: job interrupted"]],
  ])("%s", (_title, ending, retries, lines) => {
    expect(told(ending, retries).lines).toEqual(lines);
  });

  test("[trap 58] every line names its job", () => {
    for (const fields of [...told(failure).fields, ...told(failure, 2).fields, ...told(outcome.retryAfter(3)).fields]) {
      expect(fields).toMatchObject({ "rrq.job_id": "job" });
    }
  });

  test("of a retry that no calendar has", () => {
    expect(told(outcome.retryAfter(1e16)).fields.at(-1)).toMatchObject({ retry_at: `${NOW + 1e19} ms` });
  });

  test("with why, how long, and what comes next", () => {
    expect(told(failure).fields).toEqual([
      { "rrq.job_id": "job", outcome: "error", duration_ms: 12, error_type: "Card", error_message: "declined" },
      { "rrq.job_id": "job", retries: 1, max_retries: 3, retry_at: new Date(NOW + 5_000).toISOString() },
    ]);
    expect(told(failure, 2).fields.at(-1)).toEqual({ "rrq.job_id": "job", "rrq.dlq": "rrq:dlq:default", error_message: "declined" });
  });
});
