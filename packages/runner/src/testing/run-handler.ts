import { randomUUID } from "node:crypto";
import { type ExecutionOutcome, type ExecutionRequest, type JobLike, jobName, jsonText, JsonText, type ParamsInput } from "@rrq/protocol";
import { type Clock, ManualClock, systemClock } from "@rrq/protocol/runtime";
import { CANCELLED } from "../abort-reasons.ts";
import { type Log, stderrLog } from "../log.ts";
import type { Registry } from "../registry.ts";
import { RunningJobs } from "../running-jobs.ts";
import { sealOutcome } from "../seal-outcome.ts";

export interface RunHandlerOptions {
  /** @default a new UUID */
  readonly jobId?: string | undefined;
  /** From 1. @default 1 */
  readonly attempt?: number | undefined;
  /** @default "rrq:queue:default" */
  readonly queueName?: string | undefined;
  /** @default null */
  readonly workerId?: string | null | undefined;
  /** @default null */
  readonly fence?: number | null | undefined;
  /** @default now, by the clock */
  readonly enqueuedAt?: Date | undefined;
  /** How long the attempt may take. @default no limit */
  readonly timeoutSeconds?: number | undefined;
  /** W3C headers from the producer. @default null */
  readonly trace?: Readonly<Record<string, string>> | null | undefined;
  /** @default null */
  readonly correlation?: Readonly<Record<string, string>> | null | undefined;
  /** Cancels the job when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** A test moves it on by hand. @default a `ManualClock` that stands still */
  readonly clock?: Clock | undefined;
  /** How long the handler is waited for after its signal fired, by the clock. @default 2000 */
  readonly abortGraceMs?: number | undefined;
  /** Where the lines of `ctx.log` go. @default nowhere */
  readonly log?: Log | undefined;
}

/**
 * Runs the handler of `job` as a runner would, without a socket and without Redis: middleware, schemas, deadline and cancel
 * included. Answers what the orchestrator would hear, with the result as JSON makes it.
 */
export async function runHandler<Job extends JobLike>(
  registry: Registry,
  job: Job,
  params: ParamsInput<Job>,
  options: RunHandlerOptions = {},
): Promise<ExecutionOutcome> {
  const { clock = new ManualClock(systemClock.now()), signal, log = stderrLog("off"), abortGraceMs = 2_000 } = options;
  const jobs = new RunningJobs({ registry, clock, log, telemetry: null, abortGraceMs }, 1);
  return new Promise((resolve) => {
    const started = jobs.start(toRequest(jobName(job), jsonText(params, { what: "params" }), clock, options), {
      answer: (_request, told) => {
        const sealed = sealOutcome(told);
        resolve(opened(sealed));
        return sealed;
      },
      ended: () => undefined,
    });
    if (signal?.aborted) started.abort(CANCELLED);
    else signal?.addEventListener("abort", () => started.abort(CANCELLED), { once: true });
  });
}

function toRequest(name: string, params: JsonText, clock: Clock, options: RunHandlerOptions): ExecutionRequest {
  const { jobId = randomUUID(), timeoutSeconds } = options;
  return {
    requestId: randomUUID(),
    jobId,
    // As an orchestrator asks for it: without the name of the runner.
    functionName: name.slice(name.indexOf("#") + 1),
    params,
    context: {
      jobId,
      attempt: options.attempt ?? 1,
      enqueueTime: (options.enqueuedAt ?? new Date(clock.now())).toISOString(),
      queueName: options.queueName ?? "rrq:queue:default",
      deadline: timeoutSeconds === undefined ? null : new Date(clock.now() + timeoutSeconds * 1000).toISOString(),
      traceContext: options.trace ?? null,
      correlationContext: options.correlation ?? null,
      workerId: options.workerId ?? null,
      timeoutMs: timeoutSeconds === undefined ? null : timeoutSeconds * 1000,
      fence: options.fence ?? null,
    },
  };
}

/** With plain values instead of JSON text. */
function opened(sealed: ExecutionOutcome): ExecutionOutcome {
  if (sealed.type === "success") return { ...sealed, result: plain(sealed.result) };
  if (sealed.error === undefined) return sealed;
  // The same outcome: only its details have another form.
  return { ...sealed, error: { ...sealed.error, details: plain(sealed.error.details) } };
}

function plain(value: unknown): unknown {
  return value instanceof JsonText ? value.parse() : value;
}
