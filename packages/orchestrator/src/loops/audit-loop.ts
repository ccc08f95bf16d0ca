import { type Clock, repeat } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import type { WorkerStore } from "../store/worker-store.ts";

export interface AuditDeps {
  readonly store: Pick<WorkerStore, "takeAuditTurn" | "scanJobs" | "findMisplaced" | "place">;
  /** Whether a process of upstream's may be about: only its unguarded steps leave jobs in no place. */
  readonly upstreamAbout: () => boolean;
  /** Milliseconds between two steps of the whole fleet. */
  readonly pauseMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Finds unfinished jobs that are in no queue and no active set, a few hundred keys at a time, by one worker of the fleet at a
 * time. What is seen so twice, one pause apart, is put where it belongs.
 */
export class AuditLoop {
  readonly #deps: AuditDeps;
  #cursor = "0";
  #suspects: readonly string[] = [];

  constructor(deps: AuditDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { pauseMs, clock, log } = this.#deps;
    await repeat(() => this.step(), {
      pauseMs,
      clock,
      signal,
      onError: (error) => log.warn("the audit of lost jobs failed", { error: String(error) }),
    });
  }

  async step(): Promise<void> {
    const { store, upstreamAbout, pauseMs, log } = this.#deps;
    if (!upstreamAbout() || !(await store.takeAuditTurn(pauseMs))) return;
    if (this.#suspects.length > 0) {
      const placed = await store.place(this.#suspects);
      log.warn("jobs in no place were put where they belong", {
        jobs: this.#suspects.map((id, index) => `${id}: ${String(placed[index])}`),
      });
      this.#suspects = [];
    }
    const { cursor, ids } = await store.scanJobs(this.#cursor);
    this.#cursor = cursor;
    this.#suspects = await store.findMisplaced(ids);
  }
}
