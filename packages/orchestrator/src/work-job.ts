import { randomUUID } from "node:crypto";
import { type ExecutionOutcome, type ExecutionRequest, JsonText, jsonText, outcome, RrqError } from "@rrq/protocol";
import type { Clock } from "@rrq/protocol/runtime";
import { isTimestamp } from "@rrq/protocol/wire";
import type { ActiveJob } from "./core/active-job.ts";
import { decide, type Ending, type RetryPolicy } from "./core/decide.ts";
import { type Route, route, type Routes } from "./core/route.ts";
import type { RunnerSlots } from "./runner-slots.ts";
import { type Execution, LEASE_LOST, type StopReason } from "./running-jobs.ts";
import type { JobTelemetry, Telemetry } from "./telemetry/telemetry.ts";
import { tellEnding } from "./tell-ending.ts";
import { type WriteDeps, writeEnd, type Written } from "./write-end.ts";

export interface WorkDeps extends WriteDeps {
  readonly runners: ReadonlyMap<string, RunnerSlots>;
  readonly routes: Routes;
  readonly policy: RetryPolicy;
  readonly workerId: string;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Takes one claimed job to its end: run it, decide, write the decision down. `givingUp` ends the trying to write its end when Redis stays away at a shutdown.
 */
export async function workJob(
  job: ActiveJob,
  deps: WorkDeps,
  { signal: stopping, answered }: Execution,
  givingUp: AbortSignal,
): Promise<Written> {
  const target = route(job.functionName, job.claimedFrom, deps.routes);
  const runner = target === null ? undefined : deps.runners.get(target.runner);
  const { telemetry, policy, clock, random, log } = deps;
  runner?.hold();
  try {
    const startedAt = clock.monotonic();
    const attempt = telemetry.startJob(job, runner === undefined || target === null ? null : target.runner);
    const ending = await runJob(job, target, runner, attempt, deps, stopping);
    answered();
    attempt?.end(ending);
    const durationMs = clock.monotonic() - startedAt;
    if (stopping.reason === LEASE_LOST) return "lease-lost";
    const decision = decide(job, ending, policy, clock.now(), random());
    const written = await writeEnd(job, decision, deps, givingUp);
    if (written === "done") tellEnding(log, job, ending, decision, durationMs);
    return written;
  } finally {
    runner?.giveBack();
  }
}

async function runJob(
  job: ActiveJob,
  target: Route | null,
  runner: RunnerSlots | undefined,
  attempt: JobTelemetry | null,
  deps: WorkDeps,
  stopping: AbortSignal,
): Promise<Ending> {
  if (target === null) return { type: "unrunnable", message: "Handler name is missing" };
  if (!isTimestamp(job.enqueueTime)) {
    return { type: "unrunnable", message: "Failed to parse claimed job definition: no valid enqueue_time. Moved to DLQ." };
  }
  if (runner === undefined) {
    return { type: "not-started", message: `Runner '${target.runner}' is not started here. Re-queued.` };
  }
  try {
    return toEnding(await runner.execute(toRequest(job, target.handler, attempt, deps), stopping), stopping);
  } catch (error) {
    return noAnswer(error, stopping);
  }
}

function toRequest(job: ActiveJob, handler: string, attempt: JobTelemetry | null, { workerId, clock }: WorkDeps): ExecutionRequest {
  const requestId = randomUUID();
  return {
    requestId,
    jobId: job.id,
    functionName: handler,
    params: job.params,
    context: {
      jobId: job.id,
      attempt: job.retries + 1,
      enqueueTime: job.enqueueTime,
      queueName: job.claimedFrom,
      deadline: new Date(clock.now() + job.timeoutMs).toISOString(),
      traceContext: attempt === null ? job.traceContext : attempt.dispatch({ requestId, timeoutMs: job.timeoutMs }),
      correlationContext: job.correlationContext,
      workerId,
      timeoutMs: job.timeoutMs,
      fence: job.fence,
    },
  };
}

/** What the runner said. After we stopped the attempt only a success still counts as the job's own. */
function toEnding(said: ExecutionOutcome, stopping: AbortSignal): Ending {
  if (said.type !== "success") return stopping.aborted ? interrupted(stopping) : said;
  if (said.result instanceof JsonText) return { type: "success", result: said.result };
  try {
    return { type: "success", result: jsonText(said.result, { what: "the result" }) };
  } catch (error) {
    return outcome.failure(error instanceof Error ? error.message : String(error));
  }
}

/** Why there is no answer, and with that whether the attempt counts. */
function noAnswer(error: unknown, stopping: AbortSignal): Ending {
  if (stopping.aborted) return interrupted(stopping);
  const message = error instanceof Error ? error.message : String(error);
  if (!RrqError.is(error)) return { type: "runner-lost", message };
  switch (error.code) {
    case "RUNNER_UNAVAILABLE":
    case "RUNNER_BUSY":
    case "CLOSED":
      return { type: "not-started", message };
    case "RUNNER_REPLACED":
    case "ABORTED":
      return { type: "interrupted", message };
    case "TOO_LARGE":
    case "TOO_DEEP":
    case "NOT_JSON":
      return { type: "unrunnable", message };
    default:
      return { type: "runner-lost", message };
  }
}

/** What `last_error` says of an attempt that we ended; upstream's words where it has them. */
export const INTERRUPTIONS: Readonly<Record<StopReason, string>> = {
  SHUTTING_DOWN: "Job execution interrupted by worker shutdown. Re-queued.",
  CANCELLED: "Job cancelled",
  LEASE_LOST: "Job execution interrupted: another worker adopted the job.",
};

function interrupted(stopping: AbortSignal): Ending {
  return { type: "interrupted", message: INTERRUPTIONS[stopping.reason as StopReason] };
}
