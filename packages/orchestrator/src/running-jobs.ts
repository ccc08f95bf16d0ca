import type { ActiveJob } from "./core/active-job.ts";

/** Why we end an attempt: the `reason` of its signal. */
export const SHUTTING_DOWN = "SHUTTING_DOWN";
export const CANCELLED = "CANCELLED";
export const LEASE_LOST = "LEASE_LOST";
export type StopReason = typeof SHUTTING_DOWN | typeof CANCELLED | typeof LEASE_LOST;

/** One attempt that is under way. */
export interface Execution {
  /** Fires when the attempt has to end, with a {@link StopReason}. */
  readonly signal: AbortSignal;
  /** The runner has answered: from now on the job is not run, but its end is written. */
  readonly answered: () => void;
}

interface Running extends Execution {
  readonly job: ActiveJob;
  readonly controller: AbortController;
  executing: boolean;
}

/** The jobs this process is working on, from their claim until their end is in Redis. */
export class RunningJobs {
  readonly #running = new Map<string, Running>();
  #whenEmpty: (() => void)[] = [];

  get size(): number {
    return this.#running.size;
  }

  /** Enters a job. */
  add(job: ActiveJob): Execution {
    const controller = new AbortController();
    const running: Running = {
      job,
      controller,
      signal: controller.signal,
      executing: true,
      answered: () => {
        running.executing = false;
      },
    };
    this.#running.set(job.id, running);
    return running;
  }

  /** Takes out this execution; a later one of the same job stays. */
  delete(job: ActiveJob): void {
    if (this.#running.get(job.id)?.job.fence === job.fence) this.#running.delete(job.id);
    if (this.#running.size === 0) {
      const waiting = this.#whenEmpty;
      this.#whenEmpty = [];
      for (const resolve of waiting) resolve();
    }
  }

  has(id: string): boolean {
    return this.#running.has(id);
  }

  /** Those whose attempt is not over. */
  executing(): readonly ActiveJob[] {
    return [...this.#running.values()].filter(({ executing }) => executing).map(({ job }) => job);
  }

  /** Ends this attempt; answers whether it was still under way. */
  stop(job: Pick<ActiveJob, "id" | "fence">, reason: StopReason): boolean {
    const running = this.#running.get(job.id);
    if (running?.job.fence !== job.fence || !running.executing) return false;
    running.controller.abort(reason);
    return true;
  }

  /** Ends whatever execution of this job runs here. */
  cancel(id: string): void {
    this.#running.get(id)?.controller.abort(CANCELLED);
  }

  stopAll(reason: StopReason): void {
    for (const { controller } of this.#running.values()) controller.abort(reason);
  }

  /** Resolves once nothing runs. */
  empty(): Promise<void> {
    return this.#running.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenEmpty.push(resolve));
  }
}
