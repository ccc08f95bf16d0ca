import { AsyncLocalStorage } from "node:async_hooks";
import type { ExecutionRequest } from "@rrq/protocol";
import { parseTimestamp } from "@rrq/protocol/wire";
import type { AbortReason } from "./abort-reasons.ts";
import { type Log, withFields } from "./log.ts";

/** What a handler knows of its attempt. Pass it on as it is: some members are made when they are first read, and a spread loses them. */
export interface JobContext {
  readonly jobId: string;
  /** Fresh for every attempt. */
  readonly requestId: string;
  /** Name of the handler, without a `runner#` prefix. */
  readonly functionName: string;
  /** From 1. */
  readonly attempt: number;
  /** Full key of the queue the job was claimed from: `rrq:queue:<name>`. */
  readonly queueName: string;
  /** The orchestrator that holds the job. */
  readonly workerId: string | null;
  /** Grows with every claim of this job: write it beside your own data to refuse what an older attempt writes late. `null` under upstream's orchestrator. */
  readonly fence: number | null;
  /** The W3C headers that the producer sent along; give them to what this handler enqueues. */
  readonly trace: Readonly<Record<string, string>> | null;
  readonly correlation: Readonly<Record<string, string>> | null;
  readonly enqueuedAt: Date;
  /** By this machine's clock; `null` for no limit. */
  readonly deadline: Date | null;
  /** Fires at the deadline, on cancel and when the runner ends; its reason is `DEADLINE_EXCEEDED`, `CANCELLED` or `SHUTTING_DOWN`. */
  readonly signal: AbortSignal;
  /** Its lines carry the job. */
  readonly log: Log;
}

const storage = new AsyncLocalStorage<JobContext>();

/** The context of the job whose handler is calling, however deep; `undefined` outside of handlers. */
export function getJobContext(): JobContext | undefined {
  return storage.getStore();
}

/** Calls `call` so that {@link getJobContext} finds `context` in it and in all that it starts. */
export function withJobContext<Args extends unknown[], R>(context: JobContext, call: (...args: Args) => R, ...args: Args): R {
  return storage.run(context, call, ...args);
}

/**
 * The context of one attempt. Dates, signal and log are made when a handler first asks:
 * most never do, and an `AbortController` costs more than the rest of a request.
 */
export class AttemptContext implements JobContext {
  readonly jobId: string;
  readonly requestId: string;
  readonly functionName: string;
  readonly attempt: number;
  readonly queueName: string;
  readonly workerId: string | null;
  readonly fence: number | null;
  readonly trace: Readonly<Record<string, string>> | null;
  readonly correlation: Readonly<Record<string, string>> | null;
  readonly #enqueueTime: string;
  readonly #deadlineAt: number | null;
  readonly #parentLog: Log;
  #log: Log | undefined;
  #controller: AbortController | undefined;
  #abortedBecause: AbortReason | undefined;

  /** `deadlineAt`: epoch milliseconds by this machine's clock. */
  constructor(request: ExecutionRequest, deadlineAt: number | null, log: Log) {
    const { context } = request;
    this.jobId = request.jobId;
    this.requestId = request.requestId;
    this.functionName = request.functionName;
    this.attempt = context.attempt;
    this.queueName = context.queueName;
    this.workerId = context.workerId;
    this.fence = context.fence;
    this.trace = context.traceContext;
    this.correlation = context.correlationContext;
    this.#enqueueTime = context.enqueueTime;
    this.#deadlineAt = deadlineAt;
    this.#parentLog = log;
  }

  get enqueuedAt(): Date {
    return new Date(parseTimestamp(this.#enqueueTime) ?? Number.NaN);
  }

  get deadline(): Date | null {
    return this.#deadlineAt === null ? null : new Date(this.#deadlineAt);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedBecause !== undefined) this.#controller.abort(this.#abortedBecause);
    }
    return this.#controller.signal;
  }

  get log(): Log {
    this.#log ??= withFields(this.#parentLog, {
      "rrq.job_id": this.jobId,
      "rrq.request_id": this.requestId,
      "rrq.function": this.functionName,
      "rrq.queue": this.queueName,
      "rrq.attempt": this.attempt,
    });
    return this.#log;
  }

  /** Fires the signal; the first reason stays. */
  abort(reason: AbortReason): void {
    this.#abortedBecause ??= reason;
    this.#controller?.abort(reason);
  }
}
