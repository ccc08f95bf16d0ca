import { formatHeartbeat } from "@rrq/protocol/redis";
import type { RunnerSlots } from "./runner-slots.ts";

export interface WorkerView {
  readonly workerId: string;
  readonly queues: readonly string[];
  readonly slots: ReadonlyMap<string, RunnerSlots>;
  readonly activeJobs: number;
  readonly stopping: boolean;
  /** Whether no queue has a job that is due. */
  readonly idle: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The heartbeat: upstream's members, and what our inspector explains a waiting job with. */
export function describeWorker(view: WorkerView): string {
  const loads = [...view.slots].map(([name, { free, held }]) => [name, { slots: free + held, busy: held }] as const);
  const concurrencyLimit = loads.reduce((sum, [, { slots }]) => sum + slots, 0);
  return formatHeartbeat({
    workerId: view.workerId,
    status: statusOf(view, concurrencyLimit),
    queues: view.queues,
    activeJobs: view.activeJobs,
    concurrencyLimit,
    at: view.now,
    runners: Object.fromEntries(loads),
    rates: {},
  });
}

/** Upstream's words where it has them. */
function statusOf(view: WorkerView, concurrencyLimit: number): string {
  if (view.stopping) return "stopping";
  if (view.activeJobs >= concurrencyLimit) return "idle (concurrency limit)";
  return view.idle ? "idle (no jobs)" : "polling";
}
