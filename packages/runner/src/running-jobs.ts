import type { ExecutionRequest } from "@rrq/protocol";
import type { AbortReason } from "./abort-reasons.ts";
import { type JobListener, type JobTable, type RunJobDeps, RunningJob } from "./run-job.ts";

/** Which jobs a cancel means: one request, or without `requestId` every request of the job. */
export interface CancelTarget {
  readonly jobId: string;
  readonly requestId: string | null;
}

/**
 * All jobs of this process that have not ended, whatever they came in on. At most `maxInFlight` handlers run at a time; the
 * other jobs wait their turn in the order they came, while their time runs.
 */
export class RunningJobs {
  readonly #deps: RunJobDeps;
  readonly #maxInFlight: number;
  readonly #all = new Set<RunningJob>();
  readonly #waiting = new Set<RunningJob>();
  readonly #answerListeners = new Set<() => void>();
  #unanswered = 0;
  #filling = false;

  constructor(deps: RunJobDeps, maxInFlight: number) {
    this.#deps = deps;
    this.#maxInFlight = maxInFlight;
  }

  /** Jobs that wait, run, or were answered for while their handler goes on. */
  get size(): number {
    return this.#all.size;
  }

  /** Takes a request on. The listener may hear of its end before this returns. */
  start(request: ExecutionRequest, listener: JobListener): RunningJob {
    const job = new RunningJob(request, this.#deps, listener, this.#table);
    this.#all.add(job);
    this.#unanswered += 1;
    if (this.#all.size - this.#waiting.size <= this.#maxInFlight) job.begin();
    else this.#waiting.add(job);
    return job;
  }

  /** Aborts what `target` means; answers how many jobs that were. An id in flight twice means both. */
  cancel({ jobId, requestId }: CancelTarget, reason: AbortReason): number {
    return this.#abort(
      ({ request }) => (requestId === null ? request.jobId === jobId : request.requestId === requestId),
      reason,
    );
  }

  /** Aborts what `listener` asked for. */
  abortOf(listener: JobListener, reason: AbortReason): void {
    this.#abort((job) => job.listener === listener, reason);
  }

  /** Aborts those that wait for a slot: they are answered for when this returns, and never start. */
  abortWaiting(reason: AbortReason): void {
    for (const job of [...this.#waiting]) job.abort(reason);
  }

  /** Aborts all. With `graceMs` 0 all are answered for when this returns. */
  abortAll(reason: AbortReason, graceMs?: number): void {
    // Those that wait go first: they must not take the slots of the others.
    this.abortWaiting(reason);
    for (const job of [...this.#all]) job.abort(reason, graceMs);
  }

  /** Resolves when every job has been answered for, at the latest after `limitMs`. */
  async answered(limitMs: number): Promise<void> {
    if (this.#unanswered === 0) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        stop();
        this.#answerListeners.delete(finish);
        resolve();
      };
      const stop = this.#deps.clock.after(limitMs, finish);
      this.#answerListeners.add(finish);
    });
  }

  readonly #table: JobTable = {
    answered: () => {
      this.#unanswered -= 1;
      if (this.#unanswered === 0) for (const finish of this.#answerListeners) finish();
    },
    ended: (job) => {
      this.#all.delete(job);
      if (!this.#waiting.delete(job) && this.#waiting.size > 0) this.#fill();
    },
  };

  /** Cancels are rare and the jobs few: an index would cost every job more than it saves here. */
  #abort(meant: (job: RunningJob) => boolean, reason: AbortReason): number {
    const jobs = [...this.#all].filter(meant);
    for (const job of jobs) job.abort(reason);
    return jobs.length;
  }

  #fill(): void {
    // A job that ends while it begins frees its slot again: the loop goes on, instead of a call within a call.
    if (this.#filling) return;
    this.#filling = true;
    for (const job of this.#waiting) {
      if (this.#all.size - this.#waiting.size >= this.#maxInFlight) break;
      this.#waiting.delete(job);
      job.begin();
    }
    this.#filling = false;
  }
}
