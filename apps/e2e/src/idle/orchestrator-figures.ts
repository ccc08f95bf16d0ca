import { join } from "node:path";
import { startPrivateRedis } from "@rrq/private-redis";
import { startProgram } from "../program.ts";

/** What an orchestrator with its handlers in one process keeps of its jobs, and of itself once it is closed. */
export interface OrchestratorFigures {
  /** Bytes in use after garbage collection, before and after the jobs. */
  readonly heapBefore: number;
  readonly heapAfter: number;
  /** Timers, sockets and the like that are still there a second after `close()`; a connection that ends in order takes a moment. */
  readonly left: readonly string[];
  /** Milliseconds from then to the end of the process, which nobody ended. */
  readonly exitMs: number;
}

const PROGRAM = join(import.meta.dirname, "orchestrator-program.ts");
/** Beyond the time that the jobs are spread over. */
const LIMIT_MS = 120_000;

/** Lets so many jobs run, spread over `overMs`. Throws if one does not complete, or the process does not end by itself. */
export async function orchestratorFigures({ jobs, overMs = 0 }: { jobs: number; overMs?: number }): Promise<OrchestratorFigures> {
  await using redis = await startPrivateRedis();
  const command = [process.execPath, "--expose-gc", "--import", "tsx", PROGRAM, redis.url, String(jobs), String(overMs)];
  await using program = await startProgram(command, { cwd: import.meta.dirname }); // where tsx is found
  const [line] = await program.says(/^\{.*\}$/m, { limitMs: LIMIT_MS + overMs });
  const closedAt = performance.now();
  const end = await Promise.race([program.exited, timeout(10_000)]);
  if (end === null) throw new Error(`closed, and still there after 10 s: ${line}`);
  if (!("code" in end) || end.code !== 0) throw new Error(`ended with ${JSON.stringify(end)}:\n${program.output().stderr}`);
  return { ...(JSON.parse(line) as Omit<OrchestratorFigures, "exitMs">), exitMs: performance.now() - closedAt };
}

function timeout(ms: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), ms).unref();
  });
}
