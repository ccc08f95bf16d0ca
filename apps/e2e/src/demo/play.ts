import type { ProgramEnd } from "../program.ts";
import { type DemoEnd, runDemo } from "./run-demo.ts";
import { openStage } from "./stage.ts";
import { tellStage, tellTitle, tellTrouble } from "./tell.ts";
import type { View } from "./view.ts";

/** The whole demo, seen when all of it has been closed. */
export interface Played {
  readonly end: DemoEnd;
  readonly orchestrator: ProgramEnd;
  /** Ids of processes that should have ended and did not. */
  readonly left: readonly number[];
  readonly seconds: number;
}

/** Opens the stage, runs the demo on it, and closes it again, also when something fails or `signal` aborts. */
export async function play(view: View, signal: AbortSignal): Promise<Played> {
  const startedAt = performance.now();
  const { pids, ...played } = await playOnStage(view, signal);
  return { ...played, left: pids.filter(isAlive), seconds: (performance.now() - startedAt) / 1_000 };
}

async function playOnStage(view: View, signal: AbortSignal) {
  tellTitle(view);
  await using stage = await openStage(signal);
  tellStage(stage, view);
  try {
    const end = await runDemo(stage, view);
    const pids = [stage.orchestrator.pid, ...end.runnerPids, ...(stage.redis.pid === undefined ? [] : [stage.redis.pid])];
    return { end, pids, orchestrator: await stage.orchestrator.stop() };
  } catch (error) {
    if (!signal.aborted) tellTrouble(stage, view);
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
