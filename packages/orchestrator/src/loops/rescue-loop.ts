import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import type { WorkerStore } from "../store/worker-store.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

export interface RescueDeps {
  readonly store: Pick<WorkerStore, "deadWorkers" | "scanActiveSets" | "idsOf" | "adopt" | "forget">;
  readonly leaseMs: number;
  /** Monotonic ms before which nobody may be taken for dead. */
  readonly troubledUntil: () => number;
  /** An active set was found of a worker that is not in our index: upstream's. */
  readonly onForeignWorker: () => void;
  readonly telemetry: Pick<Telemetry, "orphansRecovered">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Jobs adopted in one call, so that Redis serves others in between. */
const ADOPTED_PER_CALL = 50;
/** A little after the expiry that we wait for. */
const AFTER_EXPIRY_MS = 30;
const SHORTEST_PAUSE_MS = 250;

/**
 * Finds workers that died, and puts their jobs back. Ours are in an index and are looked at when the first of their
 * leases would run out; upstream's are found by a SCAN that goes one step at a time.
 */
export class RescueLoop {
  readonly #deps: RescueDeps;
  #cursor = "0";

  constructor(deps: RescueDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    while (!signal.aborted) {
      const pauseMs = await this.step(signal).catch((error: unknown) => {
        log.error("failed to recover orphaned jobs", { error: String(error) });
        return this.#pauseMs;
      });
      await clock.sleep(pauseMs, signal);
    }
  }

  /** One look. Answers the milliseconds until the next one is due. */
  async step(signal?: AbortSignal): Promise<number> {
    const { store, clock, troubledUntil } = this.#deps;
    const waitMs = troubledUntil() - clock.monotonic();
    if (waitMs > 0) return Math.min(waitMs, this.#pauseMs);
    const { dead, ours, nextExpiryMs } = await store.deadWorkers();
    for (const workerId of dead) {
      await this.#adoptAll(workerId, signal);
      await store.forget(workerId);
    }
    await this.#adoptFromUpstream(new Set(ours), signal);
    const untilExpiry = nextExpiryMs === null ? this.#pauseMs : nextExpiryMs + AFTER_EXPIRY_MS;
    return Math.max(SHORTEST_PAUSE_MS, Math.min(untilExpiry, this.#pauseMs));
  }

  get #pauseMs(): number {
    return this.#deps.leaseMs / 3;
  }

  async #adoptFromUpstream(ours: ReadonlySet<string>, signal: AbortSignal | undefined): Promise<void> {
    const { store, onForeignWorker } = this.#deps;
    const found = await store.scanActiveSets(this.#cursor);
    this.#cursor = found.cursor;
    for (const other of found.workerIds) {
      if (ours.has(other)) continue;
      onForeignWorker();
      await this.#adoptAll(other, signal);
    }
  }

  async #adoptAll(workerId: string, signal: AbortSignal | undefined): Promise<void> {
    const { store, telemetry, log } = this.#deps;
    const taken = new Map<string, number>();
    // Ids that stay, because upstream holds a lock on them, are stepped over.
    for (let from = 0; !signal?.aborted; ) {
      const ids = await store.idsOf(workerId, from, ADOPTED_PER_CALL);
      if (ids.length === 0) break;
      const adoptions = await store.adopt(workerId, ids);
      if (adoptions.includes("alive")) return;
      for (const adoption of adoptions) {
        const what = adoption instanceof Error ? "refused" : adoption;
        taken.set(what, (taken.get(what) ?? 0) + 1);
        if (what === "waiting" || what === "refused") from++;
      }
    }
    if (taken.size === 0 || (taken.size === 1 && taken.has("waiting"))) return;
    telemetry.orphansRecovered(taken.get("queued") ?? 0);
    log.warn("re-queued orphaned jobs", {
      event: "rrq.orphan_recovery",
      dead_worker_id: workerId,
      recovered_jobs: taken.get("queued") ?? 0,
      ...Object.fromEntries(taken),
    });
  }
}
