import type { ActiveJob } from "./core/active-job.ts";
import type { Decision, Ending } from "./core/decide.ts";
import type { Log, LogFields } from "./log.ts";

/**
 * Tells the log how an attempt ended and what became of its job, in upstream's words where it has them. A success is told at
 * level debug: there are thousands a second, and the metrics count them.
 */
export function tellEnding(log: Log, job: ActiveJob, ending: Ending, decision: Decision, durationMs: number): void {
  const id = { "rrq.job_id": job.id };
  if (ending.type === "success") {
    log.debug("job completed", { ...id, outcome: "success", duration_ms: durationMs });
    return;
  }
  tellAttempt(log, ending, { ...id, duration_ms: durationMs, error_message: messageOf(ending) });
  tellDecision(log, job, ending, decision, id);
}

function tellAttempt(log: Log, ending: Exclude<Ending, { type: "success" }>, fields: LogFields): void {
  switch (ending.type) {
    case "retry_after":
      log.warn("job retry requested", { ...fields, outcome: "retry", retry_after_seconds: ending.seconds });
      break;
    case "timeout":
      log.warn("job timeout", { ...fields, outcome: "timeout" });
      break;
    case "failure":
    case "cancelled":
      log.error("job failed", { ...fields, outcome: "error", error_type: ending.error.type ?? "unknown" });
      break;
    case "handler_not_found":
      log.error("job fatal error", { ...fields, outcome: "fatal", error_type: "handler_not_found" });
      break;
    case "unrunnable":
      log.error("job fatal error", { ...fields, outcome: "fatal", error_type: "unrunnable" });
      break;
    case "runner-lost":
      log.error("job failed before runner response", { ...fields, outcome: "transport_error" });
      break;
    case "not-started":
      log.warn("job not started; it goes back to its queue", { ...fields, outcome: "transport_error" });
      break;
    case "interrupted":
      log.warn("job interrupted", { ...fields, outcome: "cancelled" });
      break;
    default:
      ending satisfies never;
  }
}

function tellDecision(log: Log, job: ActiveJob, ending: Ending, decision: Decision, id: LogFields): void {
  const asked = ending.type === "retry_after";
  const attempts = { ...id, retries: job.retries + 1, max_retries: job.maxAttempts };
  if (decision.kind === "retry") {
    log.info(asked ? "retrying job" : "retrying failed job", { ...attempts, retry_at: timeOf(decision.runAt) });
  }
  if (decision.kind !== "dead-letter") return;
  if (decision.why === "exhausted") {
    log.warn(asked ? "retry budget exhausted; moving job to dlq" : "failure exhausted retry budget; moving job to dlq", attempts);
  }
  log.warn("job moved to dlq", { ...id, "rrq.dlq": job.dlq, error_message: decision.message });
}

function messageOf(ending: Exclude<Ending, { type: "success" }>): string | undefined {
  return "message" in ending ? ending.message : ending.error?.message;
}

/** A handler may ask for a retry that no calendar has. */
function timeOf(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}
