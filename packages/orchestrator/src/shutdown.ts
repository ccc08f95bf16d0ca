import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "./log.ts";
import { type RunningJobs, SHUTTING_DOWN } from "./running-jobs.ts";

/** What a shutdown ends, in the order in which it does. */
export interface ShutdownParts {
  /** Resolves once no claim is under way. */
  readonly stopClaiming: () => Promise<void>;
  readonly running: RunningJobs;
  /** How long running jobs may go on. */
  readonly graceMs: number;
  /** How long handlers may take to end once they are cancelled. */
  readonly abortGraceMs: number;
  /** Ends the runner processes, and with them what still runs. */
  readonly closeRunners: () => Promise<void>;
  /** Ends the trying to write ends that Redis does not take. */
  readonly giveUp: () => void;
  /** Ends lease, rescue and what else lives beside the jobs. */
  readonly stopLiving: () => Promise<void>;
  /** Gives up the lease, so that what could not be put back is adopted at once. */
  readonly leave: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** For the last writes, after nothing runs any more. */
const LAST_WRITES_MS = 2_000;

/** Stop claiming, wait the grace, cancel, release what is left, close. `cut` ends the grace. */
export async function shutDown(parts: ShutdownParts, cut: AbortSignal): Promise<void> {
  const { running, clock, log } = parts;
  const claiming = parts.stopClaiming();
  const emptyWithin = async (ms: number, signal?: AbortSignal): Promise<void> => {
    const waited = new AbortController();
    const stop = (): void => waited.abort();
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    await Promise.race([running.empty(), clock.sleep(ms, waited.signal)]);
    signal?.removeEventListener("abort", stop);
    stop();
  };

  await emptyWithin(parts.graceMs, cut);
  if (running.size > 0) log.warn("the grace is over: running jobs are cancelled and put back", { jobs: running.size });
  running.stopAll(SHUTTING_DOWN);
  await emptyWithin(parts.abortGraceMs);
  await parts.closeRunners().catch((error: unknown) => log.error("a runner did not close", { error: String(error) }));
  await emptyWithin(LAST_WRITES_MS);
  parts.giveUp();
  await running.empty();
  await claiming;
  await parts.stopLiving();
  await parts.leave().catch((error: unknown) => log.warn("could not leave; our lease ends by itself", { error: String(error) }));
}
