import { type ExecutionOutcome, type ExecutionRequest, outcome } from "@rrq/protocol";
import type { Clock } from "@rrq/protocol/runtime";
import { parseTimestamp } from "@rrq/protocol/wire";
import { type AbortReason, DEADLINE_EXCEEDED, SHUTTING_DOWN } from "./abort-reasons.ts";
import { AttemptContext, withJobContext } from "./job-context.ts";
import type { Log } from "./log.ts";
import { BUSY, DEADLINE_PASSED, INVALID_DEADLINE } from "./refusals.ts";
import type { Invoke, Registry } from "./registry.ts";
import type { AttemptTelemetry, Telemetry } from "./telemetry.ts";
import { type Ending, toOutcome } from "./to-outcome.ts";

/** What jobs need to run. */
export interface RunJobDeps {
  readonly registry: Pick<Registry, "find">;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry | null;
  /** How long an aborted handler is waited for before the answer goes out without it. */
  readonly abortGraceMs: number;
}

/** Who counts the jobs of a process. */
export interface JobTable {
  /** Once per job: it has been answered for; its handler may still run. */
  answered(): void;
  /** Once per job, the last call of all: its handler ended, its slot is free. */
  ended(job: RunningJob): void;
}

/** Who asked for jobs, and hears how they end. Neither call may throw. */
export interface JobListener {
  /** Exactly once per request. Answers what was really told, should `outcome` not have been sendable. */
  answer(request: ExecutionRequest, outcome: ExecutionOutcome): ExecutionOutcome;
  /** Exactly once per request, after its answer: the handler really ended. */
  ended(): void;
}

/**
 * Where a job is. It waits for a slot, then runs. A handler that ends is answered for at once (`ended`). When the deadline
 * passes or somebody cancels, the handler's signal fires and it is waited for (`aborting`); if it does not end within the
 * grace it is answered for without it (`overdue`), and keeps its slot until it really ends.
 */
type State =
  | { readonly at: "waiting" }
  | { readonly at: "running" }
  | { readonly at: "aborting"; readonly reason: AbortReason; readonly stopGrace: () => void }
  | { readonly at: "overdue" }
  | { readonly at: "ended" };

const WAITING: State = { at: "waiting" };
const RUNNING: State = { at: "running" };
const OVERDUE: State = { at: "overdue" };
const ENDED: State = { at: "ended" };

/** One attempt of one job. Whatever its handler does, there is exactly one answer. */
export class RunningJob {
  readonly request: ExecutionRequest;
  readonly listener: JobListener;
  readonly #deps: RunJobDeps;
  readonly #table: JobTable;
  readonly #context: AttemptContext;
  readonly #telemetry: AttemptTelemetry | null;
  /** By the monotonic clock; infinity for no limit. */
  readonly #expiresAt: number;
  #stopDeadline: (() => void) | undefined;
  #state: State = WAITING;

  /** The time of the job runs from here, while it waits for `begin()` too. */
  constructor(request: ExecutionRequest, deps: RunJobDeps, listener: JobListener, table: JobTable) {
    const { clock } = deps;
    this.request = request;
    this.#deps = deps;
    this.listener = listener;
    this.#table = table;
    const limitMs = timeLeft(request, clock);
    this.#expiresAt = limitMs === null ? Number.POSITIVE_INFINITY : clock.monotonic() + limitMs;
    this.#context = new AttemptContext(request, limitMs === null ? null : clock.now() + limitMs, deps.log);
    this.#telemetry = deps.telemetry?.startAttempt(request, limitMs) ?? null;
    if (limitMs !== null && limitMs > 0) this.#stopDeadline = clock.after(limitMs, () => this.abort(DEADLINE_EXCEEDED));
  }

  /** Whether its answer is out; the handler may still run. */
  get answered(): boolean {
    return this.#state.at === "overdue" || this.#state.at === "ended";
  }

  /** Calls the handler, unless the job came to its end while it waited. */
  begin(): void {
    if (this.#state.at !== "waiting") return;
    const { functionName } = this.request;
    const invoke = this.#deps.registry.find(functionName);
    if (Number.isNaN(this.#expiresAt)) this.#end(INVALID_DEADLINE);
    else if (this.#deps.clock.monotonic() >= this.#expiresAt) this.#end(DEADLINE_PASSED);
    else if (invoke === undefined) this.#end(outcome.handlerNotFound(functionName));
    else this.#run(invoke);
  }

  /** Fires the handler's signal and waits for it, at the latest for `graceMs`; 0 answers at once, also if an abort is under way. */
  abort(reason: AbortReason, graceMs = this.#deps.abortGraceMs): void {
    const state = this.#state;
    if (state.at === "waiting") {
      this.#end(unstarted(reason));
    } else if (state.at === "running") {
      this.#stopDeadline?.();
      const giveUp = (): void => this.#giveUp(reason);
      this.#state = { at: "aborting", reason, stopGrace: this.#deps.clock.after(graceMs, giveUp) };
      this.#context.abort(reason);
      if (graceMs <= 0) giveUp();
    } else if (state.at === "aborting" && graceMs <= 0) {
      this.#giveUp(state.reason);
    }
  }

  #run(invoke: Invoke): void {
    this.#state = RUNNING;
    try {
      const params = this.request.params.parse() as Record<string, unknown>;
      const call = (): unknown => withJobContext(this.#context, invoke, params, this.#context, this.request);
      const value = this.#telemetry === null ? call() : this.#telemetry.run(call);
      if ((typeof value !== "object" && typeof value !== "function") || value === null) {
        this.#settle({ how: "returned", value });
        return;
      }
      // Promises, other thenables and plain objects alike, and whatever their `then` throws.
      Promise.resolve(value).then(
        (result) => this.#settle({ how: "returned", value: result }),
        (error: unknown) => this.#settle({ how: "thrown", error }),
      );
    } catch (error) {
      this.#settle({ how: "thrown", error });
    }
  }

  /** The handler really ended. A promise that a handler tampered with may say so twice. */
  #settle(ending: Ending): void {
    const state = this.#state;
    switch (state.at) {
      case "running":
        // A handler that blocked its thread beyond the deadline ends before the timer could fire.
        if (this.#deps.clock.monotonic() >= this.#expiresAt) {
          this.#end(toOutcome({ how: "aborted", reason: DEADLINE_EXCEEDED, stillRunning: false }), ending);
        } else {
          this.#end(toOutcome(ending), ending);
        }
        return;
      case "aborting":
        state.stopGrace();
        this.#end(toOutcome({ how: "aborted", reason: state.reason, stillRunning: false }), ending);
        return;
      case "overdue":
        this.#leave();
        return;
      case "waiting":
      case "ended":
        return;
      default:
        state satisfies never;
    }
  }

  #end(ended: ExecutionOutcome, ending?: Ending): void {
    this.#stopDeadline?.();
    this.#state = ENDED;
    this.#answer(ended, ending);
    this.#leave();
  }

  #leave(): void {
    this.#state = ENDED;
    this.listener.ended();
    this.#table.ended(this);
  }

  #giveUp(reason: AbortReason): void {
    if (this.#state.at !== "aborting") return;
    this.#state.stopGrace();
    this.#state = OVERDUE;
    this.#answer(toOutcome({ how: "aborted", reason, stillRunning: true }));
  }

  #answer(ended: ExecutionOutcome, ending?: Ending): void {
    const told = this.listener.answer(this.request, ended);
    this.#telemetry?.end(told, ending?.how === "thrown" ? ending.error : undefined);
    this.#table.answered();
  }
}

/** The outcome of a job that came to its end while it waited for a slot. */
function unstarted(reason: AbortReason): ExecutionOutcome {
  if (reason === DEADLINE_EXCEEDED) return DEADLINE_PASSED;
  return reason === SHUTTING_DOWN ? BUSY : toOutcome({ how: "aborted", reason, stillRunning: false });
}

/**
 * Milliseconds that are left to an attempt; `null` for no limit, NaN if the deadline cannot be read. A limit in
 * milliseconds counts from now, whatever the clocks of two machines say; a deadline is compared with our wall clock.
 */
function timeLeft({ context }: ExecutionRequest, clock: Clock): number | null {
  if (context.timeoutMs !== null) return context.timeoutMs;
  if (context.deadline === null) return null;
  return (parseTimestamp(context.deadline) ?? Number.NaN) - clock.now();
}
