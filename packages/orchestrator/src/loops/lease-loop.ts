import { type Clock, repeat } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import { CANCELLED, LEASE_LOST, type RunningJobs } from "../running-jobs.ts";
import type { Stray, WorkerStore } from "../store/worker-store.ts";

export interface LeaseDeps {
  readonly store: Pick<WorkerStore, "renew" | "check" | "activeIds" | "fencesOf" | "settle">;
  readonly running: RunningJobs;
  readonly leaseMs: number;
  /** What the heartbeat says. */
  readonly heartbeat: () => string;
  /** Hears after each renewal that failed for how many milliseconds Redis has been away. */
  readonly onAway: (ms: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Jobs looked at in one call, so that Redis serves others in between. */
const CHECKED_PER_CALL = 100;

/**
 * Keeps the lease on our jobs alive, and holds what runs here against what Redis says: jobs that are not ours any more are
 * ended, jobs that somebody wants cancelled are cancelled, and claims or ends whose answer was lost are settled.
 */
export class LeaseLoop {
  readonly #deps: LeaseDeps;
  #renewedAt: number;
  #troubledUntil = -Infinity;
  /** Strays of the last round: only what is one twice with the same fence is settled. */
  #strays = new Map<string, string>();

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
    this.#renewedAt = deps.clock.monotonic();
  }

  /** Monotonic ms until which nobody is adopted: a stall of Redis ends every lease at once, and none of the owners is dead. */
  get troubledUntil(): number {
    return this.#troubledUntil;
  }

  /** Milliseconds since Redis last took the heartbeat. */
  get sinceRenewalMs(): number {
    return this.#deps.clock.monotonic() - this.#renewedAt;
  }

  /** Redis was away, as far as this connection saw. */
  trouble(): void {
    this.#troubledUntil = this.#deps.clock.monotonic() + this.#deps.leaseMs;
  }

  /** Renews at once and every third of the lease, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, leaseMs } = this.#deps;
    await repeat(() => this.step(), {
      pauseMs: leaseMs / 3,
      clock,
      signal,
      onError: (error) => {
        log.error("failed to update worker health", { error: String(error) });
        this.#deps.onAway(this.sinceRenewalMs);
      },
    });
  }

  /** One heartbeat with everything that hangs on it. */
  async step(): Promise<void> {
    if ((await this.renew()) === "held") await this.#checkRunning();
    await this.#settleStrays();
  }

  /** Extends the lease, or takes it again after it ran out: then what runs here is held against Redis first of all. */
  async renew(): Promise<"held" | "lapsed"> {
    const { store, clock, leaseMs, log, heartbeat } = this.#deps;
    const renewal = await store.renew(heartbeat());
    const now = clock.monotonic();
    const late = now - this.#renewedAt > leaseMs;
    this.#renewedAt = now;
    if (late) this.trouble();
    if (renewal === "lapsed" && late) log.warn("our lease had run out; jobs may have been adopted by others");
    if (renewal === "lapsed") await this.#checkRunning();
    return renewal;
  }

  async #checkRunning(): Promise<void> {
    const { store, running, log } = this.#deps;
    const jobs = running.executing();
    for (let start = 0; start < jobs.length; start += CHECKED_PER_CALL) {
      const part = jobs.slice(start, start + CHECKED_PER_CALL);
      const holdings = await store.check(part);
      part.forEach((job, index) => {
        const holding = holdings[index];
        if (holding === "cancel") running.stop(job, CANCELLED);
        if (holding === "lost" && running.stop(job, LEASE_LOST)) {
          log.warn("a job is not ours any more; its execution is ended", { "rrq.job_id": job.id });
        }
      });
    }
  }

  async #settleStrays(): Promise<void> {
    const { store, running, log } = this.#deps;
    const ids = (await store.activeIds()).filter((id) => !running.has(id));
    const strays = await store.fencesOf(ids);
    const seenTwice = strays.filter(({ id, fence }) => this.#strays.get(id) === fence);
    this.#strays = new Map(strays.map(({ id, fence }: Stray) => [id, fence]));
    if (seenTwice.length === 0) return;
    const settlements = await store.settle(seenTwice);
    log.warn("settled claims and ends whose answer was lost", {
      jobs: seenTwice.map(({ id }, index) => `${id}: ${String(settlements[index])}`),
    });
  }
}
