import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import { groupRuns, signalGroup } from "./process-group.ts";
import { within } from "./within.ts";

/** Why we end a process, as the logs name it. The names are upstream's, but for the last. */
export type EndReason =
  | "pool_close"
  | "spawn_connect_failure"
  | "respawn"
  /** A handler outlived its time and the grace after it. */
  | "overrun";

export interface EndOptions {
  readonly reason: EndReason;
  /** Time between SIGTERM and SIGKILL; 0 for SIGKILL at once. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds between two looks at whether a group is gone. */
const LOOK_MS = 10;
/** Milliseconds that SIGKILL may take: what is then still there hangs in the kernel. */
const KILL_MS = 2_000;

/** The first process of a group. */
export interface Leader {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  hasExited(): boolean;
}

/**
 * Ends a process group: SIGTERM, a grace, SIGKILL; SIGKILL at once for what a leader left behind that ended by itself.
 * Resolves when all of its processes are gone.
 */
export async function endGroup(leader: Leader, options: EndOptions): Promise<void> {
  const { pid } = leader;
  const { reason, graceMs, clock, log } = options;
  if (!groupRuns(pid)) return;
  if (leader.hasExited()) {
    log.warn("runner leader exited but descendants remained; forcing kill", { pid, reason });
  } else if (graceMs > 0 && signalGroup(pid, "SIGTERM")) {
    log.info("sent runner process-group termination signal", { pid, signal: "SIGTERM", reason });
    signalGroup(pid, "SIGCONT"); // a stopped process cannot act on the other
    if (await isGone(leader, graceMs, clock)) {
      log.info("runner process group exited during graceful shutdown", { pid, reason });
      return;
    }
    const left = leader.hasExited() ? "runner leader exited but descendants remained" : "runner process group did not exit";
    log.warn(`${left} after SIGTERM; forcing kill`, { pid, reason });
  } else {
    log.info("runner termination grace is zero; forcing kill", { pid, reason });
  }
  signalGroup(pid, "SIGKILL");
  if (!(await isGone(leader, KILL_MS, clock))) {
    log.error("runner process group did not exit after SIGKILL", { pid, reason });
  }
}

/** Whether the group is gone before `withinMs` are over. First the leader, whose end is an event; then those it left behind. */
async function isGone(leader: Leader, withinMs: number, clock: Clock): Promise<boolean> {
  const until = clock.monotonic() + withinMs;
  await within(leader.exited, withinMs, clock);
  for (;;) {
    if (!groupRuns(leader.pid)) return true;
    if (clock.monotonic() >= until) return false;
    await clock.sleep(LOOK_MS);
  }
}
