import type { ActiveJob } from "../core/active-job.ts";
import type { Ending } from "../core/decide.ts";

/** W3C headers that carry a trace from process to process. */
export type TraceHeaders = Readonly<Record<string, string>>;

/** What the engine tells of its work. Nothing here throws, and where nobody listens nothing is made: `null`. */
export interface Telemetry {
  /** A round of claims begins, with so many free slots. */
  startPoll(freeSlots: number): PollTelemetry | null;
  /** A turn of the claim loop without a claim. */
  skipPoll(why: "no_jobs" | "no_capacity"): void;
  /** The attempt of a claimed job begins. `runner`: that it goes to; `null` if there is none here. */
  startJob(job: ActiveJob, runner: string | null): JobTelemetry | null;
  /** This process makes a job. */
  startEnqueue(job: EnqueuedJob): EnqueueTelemetry | null;
  /** So many jobs of dead workers were put back. */
  orphansRecovered(count: number): void;
  /** Whoever measures asks `state` from now on. */
  observe(state: EngineState): void;
}

/** What can be read off the engine at any time. */
export interface EngineState {
  runningJobs(): number;
  /** Of each runner. */
  slots(): Iterable<{ readonly runner: string; readonly all: number; readonly free: number }>;
  /** Jobs that wait in each queue, due or not. */
  queueDepths(): Promise<Iterable<readonly [queue: string, depth: number]>>;
}

export interface PollTelemetry {
  /** A claim call for `queue`, in the fair (0) or the greedy (1) pass, for at most so many jobs. Answers what to call with the number that came. */
  startClaim(queue: string, pass: number, requested: number): (claimed: number) => void;
  /** The round is over. */
  end(): void;
}

export interface JobTelemetry {
  /** The request goes to its runner. Answers the headers to send with it, so that the runner's span is a child of ours. */
  dispatch(request: { readonly requestId: string; readonly timeoutMs: number }): TraceHeaders | null;
  /** The attempt is over; what becomes of the job is not in Redis yet. */
  end(ending: Ending): void;
}

export interface EnqueuedJob {
  readonly id: string;
  readonly functionName: string;
  /** Full key. */
  readonly queue: string;
}

export interface EnqueueTelemetry {
  /** To be stored with the job. */
  readonly trace: TraceHeaders | null;
  /** `unmade`: somebody else made it, or nobody had to. */
  end(result: "enqueued" | "error" | "unmade"): void;
}

/** Tells nobody. */
export const noTelemetry: Telemetry = {
  startPoll: () => null,
  skipPoll: () => undefined,
  startJob: () => null,
  startEnqueue: () => null,
  orphansRecovered: () => undefined,
  observe: () => undefined,
};
