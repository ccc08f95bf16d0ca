import type { Clock } from "@rrq/protocol/runtime";
import type { ActiveJob } from "../core/active-job.ts";
import { fairShare, rotate } from "../core/fair-shares.ts";
import { type Routes, runnerOfQueue } from "../core/route.ts";
import type { Log } from "../log.ts";
import type { RunnerSlots } from "../runner-slots.ts";
import type { JobStore } from "../store/job-store.ts";
import type { PollTelemetry, Telemetry } from "../telemetry/telemetry.ts";
import { Bell } from "./bell.ts";
import type { PollPace } from "./poll-pace.ts";
import { afterClaim, freeSlot, passTime, type QueueWatch, wake, watchQueue } from "./queue-watch.ts";

export interface ClaimLoopDeps {
  /** Full keys. */
  readonly queues: readonly string[];
  readonly store: Pick<JobStore, "claim">;
  readonly runners: ReadonlyMap<string, RunnerSlots>;
  readonly routes: Routes;
  readonly pace: PollPace;
  /** A job of upstream's producer was claimed. */
  readonly onForeignJob: () => void;
  /** Sets a claimed job to work. It must not throw and must not wait. */
  readonly start: (job: ActiveJob) => void;
  /** Gives a job back that was claimed while we stopped. */
  readonly giveBack: (job: ActiveJob) => Promise<unknown>;
  /** Renews our lease, which had run out. */
  readonly renew: () => Promise<unknown>;
  /** Ids that no runner here serves. */
  readonly onUnservable: (queue: string, ids: readonly (readonly [id: string, runner: string])[]) => void;
  /** As far as we know no queue has a job that is due, and we are about to sleep. */
  readonly onIdle: () => void;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Log;
}

/** In one call: the size of the reply, and the time Redis spends on it, stay small. */
const MOST_PER_CLAIM = 32;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Claims due jobs while there are slots for them. It sleeps until something says that a claim may find a job: an enqueue,
 * a freed slot, the next due time, or the poll for producers that wake nobody. One claim is under way at a time, so no slot is given away twice.
 */
export class ClaimLoop {
  readonly #deps: ClaimLoopDeps;
  readonly #watches: ReadonlyMap<string, QueueWatch>;
  readonly #bell = new Bell();
  #round = 0;
  #looking = false;

  constructor(deps: ClaimLoopDeps) {
    this.#deps = deps;
    this.#watches = new Map(deps.queues.map((queue) => [queue, watchQueue(queue)]));
  }

  /** A job was put into `queue` that may run from `dueAt` (epoch ms). */
  wake(queue: string, dueAt: number): void {
    const watch = this.#watches.get(queue);
    if (watch === undefined) return;
    wake(watch, dueAt, this.#deps.clock.now());
    this.#bell.ring();
  }

  /** Whatever slept may have changed: after a reconnect, say. */
  wakeAll(): void {
    const now = this.#deps.clock.now();
    for (const watch of this.#watches.values()) wake(watch, now, now);
    this.#bell.ring();
  }

  /** A runner may have a slot again. */
  slotFreed(): void {
    for (const watch of this.#watches.values()) freeSlot(watch);
    this.#bell.ring();
  }

  /** Whether, as far as we know, no queue has a job that is due. */
  get idle(): boolean {
    return !this.#looking && ![...this.#watches.values()].some(({ ready, saturated }) => ready || saturated);
  }

  /** Claims until `signal` aborts; resolves once no claim is under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { telemetry, clock, log } = this.#deps;
    let pauseMs = FIRST_PAUSE_MS;
    let pollAt = clock.now() + this.#deps.pace.pauseMs(clock.now());
    while (!signal.aborted) {
      const now = clock.now();
      if (now >= pollAt) {
        this.wakeAll();
        pollAt = now + this.#deps.pace.pauseMs(now);
      }
      for (const watch of this.#watches.values()) passTime(watch, now);
      const ready = [...this.#watches.values()].filter((watch) => watch.ready);
      const free = total(this.#slots());
      if (ready.length === 0 || free === 0) {
        telemetry.skipPoll(ready.length === 0 ? "no_jobs" : "no_capacity");
        if (this.idle) this.#deps.onIdle();
        await this.#bell.wait(this.#sleepMs(now, pollAt), clock, signal);
        continue;
      }
      this.#looking = true;
      const poll = telemetry.startPoll(free);
      try {
        await this.#claimRound(rotate(ready, this.#round++), poll, signal);
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        log.warn("no jobs could be claimed", { error: String(error), again_in_ms: pauseMs });
        await clock.sleep(pauseMs, signal);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      } finally {
        poll?.end();
        this.#looking = false;
      }
    }
  }

  async #claimRound(watches: readonly QueueWatch[], poll: PollTelemetry | null, signal: AbortSignal): Promise<void> {
    const share = fairShare(total(this.#slots()), watches.length);
    for (const [pass, most] of [share, MOST_PER_CLAIM].entries()) {
      for (const watch of watches) {
        const slots = this.#slots();
        const free = total(slots);
        if (signal.aborted || free === 0) return;
        if (!watch.ready) continue;
        const max = Math.min(most, free, MOST_PER_CLAIM);
        const tell = poll?.startClaim(watch.queue, pass, max);
        const claimed = await this.#claim(watch, max, slots, signal);
        tell?.(claimed);
      }
    }
  }

  /** Answers how many jobs came. */
  async #claim(watch: QueueWatch, max: number, slots: ReadonlyMap<string, number>, signal: AbortSignal): Promise<number> {
    const { store, routes, pace, clock, log } = this.#deps;
    const { queue, from, wakes } = watch;
    const claim = await store.claim({ queue, max, from, slots, queueRunner: runnerOfQueue(queue, routes) });
    if (claim.kind === "no-lease") {
      await this.#deps.renew();
      return 0;
    }
    afterClaim(watch, { ...claim, claimed: claim.jobs.length }, wakes, clock.now());
    await this.#dispatch(claim.jobs, signal);
    if (claim.jobs.some((job) => job.foreign)) {
      pace.foreignJobSeen(clock.now());
      this.#deps.onForeignJob();
    }
    if (claim.unservable.length > 0) this.#deps.onUnservable(queue, claim.unservable);
    if (claim.refused.length > 0) log.error("queued jobs cannot be claimed", { queue, jobs: claim.refused });
    return claim.jobs.length;
  }

  async #dispatch(jobs: readonly ActiveJob[], signal: AbortSignal): Promise<void> {
    if (!signal.aborted) {
      for (const job of jobs) this.#deps.start(job);
      return;
    }
    await Promise.all(jobs.map((job) => this.#deps.giveBack(job)));
  }

  #slots(): Map<string, number> {
    return new Map([...this.#deps.runners].map(([name, runner]) => [name, runner.free]));
  }

  #sleepMs(now: number, pollAt: number): number {
    const due = [...this.#watches.values()].map(({ dueAt }) => dueAt ?? pollAt);
    return Math.max(0, Math.min(pollAt, ...due) - now);
  }
}

function total(slots: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const free of slots.values()) sum += free;
  return sum;
}
