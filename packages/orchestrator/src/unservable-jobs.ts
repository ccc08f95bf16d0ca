import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "./log.ts";
import type { JobStore } from "./store/job-store.ts";
import type { WorkerStore } from "./store/worker-store.ts";

export interface UnservableDeps {
  readonly store: Pick<JobStore, "deadLetterQueued">;
  readonly workers: Pick<WorkerStore, "liveWorkers">;
  /** Runners that this worker's file or program knows, started here or not. */
  readonly known: ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often we ask who else is there, and tell of the same runner again. */
const ASK_AGAIN_MS = 30_000;

/** A queued job that no runner started here serves: its id, and the runner it needs. */
export type Unservable = readonly [id: string, runner: string];

/**
 * Sees to queued jobs whose runner is not started here. They stay in their queue while a worker may be started for them, or a live one
 * may take them: one that lists the runner, or one of upstream's, which list none. What nobody could ever take is dead-lettered.
 */
export function createUnservable(deps: UnservableDeps): (queue: string, jobs: readonly Unservable[]) => void {
  const { store, workers, known, clock, log } = deps;
  const askAt = new Map<string, number>();

  async function look(queue: string, jobs: readonly Unservable[]): Promise<void> {
    const lost = jobs.filter(([, runner]) => !known.has(runner));
    if (lost.length === 0) return;
    const live = await workers.liveWorkers();
    if (live.some(({ runners }) => runners === null)) return;
    const served = new Set(live.flatMap(({ runners }) => Object.keys(runners ?? {})));
    const unrunnable = lost.filter(([, runner]) => !served.has(runner));
    await store.deadLetterQueued(
      queue,
      unrunnable.map(([id, runner]) => ({ id, reason: `No runner configured for '${runner}'.` })),
    );
  }

  return (queue, jobs) => {
    const now = clock.now();
    const due = jobs.filter(([, runner]) => now >= (askAt.get(runner) ?? 0));
    for (const runner of new Set(due.map(([, name]) => name))) {
      askAt.set(runner, now + ASK_AGAIN_MS);
      log.warn("queued jobs need a runner that is not started here", { queue, runner });
    }
    if (due.length === 0) return;
    look(queue, due).catch((error: unknown) => log.warn("cannot see who serves these jobs", { queue, error: String(error) }));
  };
}
