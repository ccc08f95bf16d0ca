import { RrqError } from "@rrq/protocol";
import type { Clock } from "@rrq/protocol/runtime";
import type { ActiveJob } from "./core/active-job.ts";
import type { Decision } from "./core/decide.ts";
import type { Log } from "./log.ts";
import type { JobStore } from "./store/job-store.ts";
import type { End } from "./store/scripts/read-end.ts";

/** The four ways to end an attempt. */
export type EndStore = Pick<JobStore, "complete" | "retry" | "deadLetter" | "release">;

export interface WriteDeps {
  readonly store: EndStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** `unwritten`: we gave up. The job stays ACTIVE under our lease, and is adopted when that ends. */
export type Written = End | "unwritten";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Writes what becomes of a job, and keeps trying while Redis cannot: the outcome is not lost because Redis is away.
 * Trying twice is harmless: the second of two writes finds the lease gone and changes nothing.
 */
export async function writeEnd(job: ActiveJob, decision: Decision, deps: WriteDeps, givingUp: AbortSignal): Promise<Written> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await write(job, decision, deps.store);
    } catch (error) {
      const fields = { "rrq.job_id": job.id, decision: decision.kind, error: describe(error) };
      if (givingUp.aborted) {
        deps.log.error("the end of a job could not be written; it is adopted when our lease ends", fields);
        return "unwritten";
      }
      deps.log.warn("the end of a job could not be written yet", fields);
    }
    await deps.clock.sleep(pauseMs, givingUp);
  }
}

function write(job: ActiveJob, decision: Decision, store: EndStore): Promise<End> {
  switch (decision.kind) {
    case "complete":
      return store.complete(job, decision.result);
    case "retry":
      return store.retry(job, decision.runAt, decision.message);
    case "dead-letter":
      return store.deadLetter(job, decision.message);
    case "release":
      return store.release(job, decision.message);
    default:
      return decision satisfies never;
  }
}

function describe(error: unknown): string {
  return RrqError.is(error) ? `${error.code}: ${error.message}` : String(error);
}
