import type { Socket } from "node:net";
import { type ExecutionOutcome, type ExecutionRequest, outcome, RrqError } from "@rrq/protocol";
import type { Clock } from "@rrq/protocol/runtime";
import { encodeCancel, encodeRequest, type Message } from "@rrq/protocol/wire";
import type { Log } from "../log.ts";
import { Alarm } from "./alarm.ts";
import { NOT_PENDING, readAnswer } from "./answer.ts";
import { FrameSocket } from "./frame-socket.ts";
import { callerWaits, needsCancel, nextPhase, type RequestEvent, type RequestPhase } from "./request-phase.ts";

export interface ClientOptions {
  /** Requests at a time; at most 64, which is all that a runner takes on one connection. */
  readonly slots: number;
  readonly limits: ClientLimits;
  readonly events: ClientEvents;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds. */
export interface ClientLimits {
  /** For an answer, from the moment the request is sent; `null` for no limit but the job's own. */
  readonly responseTimeoutMs: number | null;
  /** For a handler to end, after its cancel or the end of its time. */
  readonly abortGraceMs: number;
}

export interface ClientEvents {
  /** A slot was freed, or a caller has its answer. */
  onProgress(): void;
  /** A handler outlived its grace: its slot stays taken until its process ends. */
  onStuck(): void;
  /** The connection broke. Whoever waited has been told; nothing more is taken. */
  onLost(reason: string): void;
}

interface InFlight {
  readonly requestId: string;
  readonly jobId: string;
  readonly resolve: (outcome: ExecutionOutcome) => void;
  readonly reject: (error: RrqError) => void;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
  /** Whose limit comes first. */
  readonly limit: { readonly of: "job" | "runner"; readonly ms: number };
  /** The turn of the socket in which it leaves. */
  readonly turn: number;
  phase: RequestPhase;
  /** End of this phase, by the monotonic clock. */
  dueAt: number;
}

/** Milliseconds that a slot is left alone after the runner refused a request. */
const REST_MS = 250;
/** The last instant that a `Date` can hold. */
const LAST_INSTANT = 8.64e15;

/**
 * One socket to one runner process: sends requests, matches answers, keeps the clocks.
 *
 * A slot is taken from the moment a request is accepted until its handler is known to have ended, whatever the caller
 * has been told meanwhile ({@link RequestPhase}). An answer that cannot be used fails its own request and no other.
 */
export class RunnerClient {
  readonly #options: ClientOptions;
  readonly #socket: FrameSocket;
  readonly #alarm: Alarm;
  readonly #inFlight = new Map<string, InFlight>();
  #open = true;

  constructor(socket: Socket, options: ClientOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.#expire());
    this.#socket = new FrameSocket(socket, {
      onMessage: (message) => this.#receive(message),
      onLost: (reason) => {
        this.close("RUNNER_LOST", reason);
        options.events.onLost(reason);
      },
    });
  }

  /** Requests that can be taken now. */
  get freeSlots(): number {
    return this.#open ? this.#options.slots - this.#inFlight.size : 0;
  }

  /** Slots that are taken. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Requests whose caller waits for an answer. */
  get waiting(): number {
    return this.#count(callerWaits);
  }

  /** Slots whose handler outlived its grace. */
  get stuck(): number {
    return this.#count((phase) => phase === "stuck");
  }

  /** Needs a free slot. Settles as `Runner.execute` says; the clock of the job starts here. */
  execute(request: ExecutionRequest, signal: AbortSignal): Promise<ExecutionOutcome> {
    const { clock, limits } = this.#options;
    const { timeoutMs } = request.context;
    if (signal.aborted) return Promise.reject(new RrqError("ABORTED", "aborted before it was sent", { cause: signal.reason }));
    let frame: Buffer;
    try {
      frame = encodeRequest(timeoutMs === null ? request : withDeadline(request, clock.now() + timeoutMs));
    } catch (error) {
      // No frame holds it: the trouble of this job alone.
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    const limit = firstOf(timeoutMs ?? Infinity, limits.responseTimeoutMs ?? Infinity);
    return new Promise((resolve, reject) => {
      const inFlight: InFlight = {
        requestId: request.requestId,
        jobId: request.jobId,
        resolve,
        reject,
        signal,
        onAbort: () => this.#advance(inFlight, "aborted"),
        limit,
        turn: this.#socket.turn,
        phase: "running",
        dueAt: clock.monotonic() + limit.ms,
      };
      signal.addEventListener("abort", inFlight.onAbort);
      this.#inFlight.set(inFlight.requestId, inFlight);
      this.#alarm.noLaterThan(inFlight.dueAt);
      this.#socket.send(frame);
    });
  }

  /**
   * Hangs up. Whoever waits is told `code`; but `RUNNER_UNAVAILABLE` if its request had not left yet,
   * and `ABORTED` if it had asked to stop. Twice is fine.
   */
  close(code: "RUNNER_LOST" | "RUNNER_REPLACED", reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
    this.#alarm.stop();
    for (const inFlight of this.#inFlight.values()) {
      if (!callerWaits(inFlight.phase)) continue;
      inFlight.signal.removeEventListener("abort", inFlight.onAbort);
      const left = inFlight.turn < this.#socket.turn;
      inFlight.reject(new RrqError(inFlight.phase === "cancelling" ? "ABORTED" : left ? code : "RUNNER_UNAVAILABLE", reason));
    }
    this.#inFlight.clear();
  }

  #receive(message: Message): void {
    const answer = readAnswer(message, this.#inFlight);
    if (answer.kind !== "stray" && !callerWaits(answer.request.phase)) {
      this.#options.log.warn(NOT_PENDING, { request_id: answer.request.requestId, "rrq.job_id": answer.request.jobId });
    }
    switch (answer.kind) {
      case "stray":
        this.#options.log.warn(answer.message, answer.fields);
        return;
      case "outcome":
        answer.request.resolve(answer.outcome);
        return this.#advance(answer.request, isStillRunning(answer.outcome) ? "answered-still-running" : "answered");
      case "busy":
        answer.request.reject(new RrqError("RUNNER_BUSY", answer.message));
        return this.#advance(answer.request, "refused");
      case "unusable":
        answer.request.reject(new RrqError("INVALID_RESPONSE", answer.message));
        return this.#advance(answer.request, "answered");
      default:
        return answer satisfies never;
    }
  }

  /** Ends the phases whose time is over. */
  #expire(): void {
    const now = this.#options.clock.monotonic();
    let next = Infinity;
    for (const inFlight of this.#inFlight.values()) {
      if (inFlight.dueAt <= now) {
        if (inFlight.phase === "running") tellTooLate(inFlight);
        if (inFlight.phase === "cancelling") inFlight.reject(new RrqError("ABORTED", "the handler did not end within its grace"));
        this.#advance(inFlight, "due");
      }
      next = Math.min(next, inFlight.dueAt);
    }
    this.#alarm.noLaterThan(next);
  }

  /** Moves a request on, and does what its new phase asks for. Its caller has been answered, if that is what happened. */
  #advance(inFlight: InFlight, event: RequestEvent): void {
    const before = inFlight.phase;
    const after = nextPhase(before, event);
    if (after === before) return;
    inFlight.phase = after;
    inFlight.dueAt = this.#options.clock.monotonic() + this.#lengthOf(after);
    this.#alarm.noLaterThan(inFlight.dueAt);
    if (after === "ended") this.#inFlight.delete(inFlight.requestId);
    if (before === "running") inFlight.signal.removeEventListener("abort", inFlight.onAbort);
    if (needsCancel(before, after)) {
      this.#socket.send(encodeCancel({ jobId: inFlight.jobId, requestId: inFlight.requestId }));
    }
    if (after === "stuck") this.#options.events.onStuck();
    this.#options.events.onProgress();
  }

  #lengthOf(phase: RequestPhase): number {
    if (phase === "cancelling" || phase === "overrun") return this.#options.limits.abortGraceMs;
    return phase === "resting" ? REST_MS : Infinity;
  }

  #count(matches: (phase: RequestPhase) => boolean): number {
    let count = 0;
    for (const { phase } of this.#inFlight.values()) if (matches(phase)) count += 1;
    return count;
  }
}

function firstOf(jobMs: number, runnerMs: number): InFlight["limit"] {
  return runnerMs < jobMs ? { of: "runner", ms: runnerMs } : { of: "job", ms: jobMs };
}

function tellTooLate({ limit, resolve, reject }: InFlight): void {
  if (limit.of === "runner") reject(new RrqError("RESPONSE_TIMEOUT", "runner response timeout"));
  else resolve(outcome.timeout(`Job timed out after ${Math.trunc(limit.ms / 1_000)}s.`));
}

function isStillRunning(answer: ExecutionOutcome): boolean {
  return (answer.type === "timeout" || answer.type === "cancelled") && answer.stillRunning === true;
}

/** Other runners than ours know the deadline only: it is counted from now too. */
function withDeadline(request: ExecutionRequest, at: number): ExecutionRequest {
  const deadline = new Date(Math.min(at, LAST_INSTANT)).toISOString();
  return { ...request, context: { ...request.context, deadline } };
}
