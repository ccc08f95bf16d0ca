// An orchestrator with its handlers in one process, for `orchestratorFigures`: runs jobs, closes everything, tells what it held, and is left to end by itself.
import { setImmediate } from "node:timers/promises";
import { startOrchestrator } from "@rrq/orchestrator";
import { createProducer } from "@rrq/producer";
import { createRegistry, inProcess } from "@rrq/runner";
import { runJobs } from "./run-jobs.ts";

const [redisUrl = "", jobs = "", overMs = ""] = process.argv.slice(2);
/** Until what is made once is made, and what is compiled is compiled. */
const WARM_UP = 5_000;
/** For the server to answer the end of a connection; shorter than the timers that would end it by force. */
const LET_GO_MS = 1_000;

const heldBefore = process.getActiveResourcesInfo();
const silentLog = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => silentLog };
const registry = createRegistry().register("add", ({ a, b }: { a: number; b: number }) => ({ sum: a + b }));
const orchestrator = await startOrchestrator({
  settings: { redisDsn: redisUrl },
  runners: { main: inProcess(registry) },
  log: silentLog,
});
const producer = createProducer({ redisUrl });
await runJobs(producer, WARM_UP);
const heapBefore = await heapInUse();
await runJobs(producer, Number(jobs), Number(overMs));
const heapAfter = await heapInUse();
await producer.close();
await orchestrator.close();
process.stdout.write(`${JSON.stringify({ heapBefore, heapAfter, left: await leftOver() })}\n`);

/** What is still held once connections had the time to end in order. */
async function leftOver(): Promise<string[]> {
  const until = performance.now() + LET_GO_MS;
  for (;;) {
    await setImmediate();
    const left = process.getActiveResourcesInfo();
    for (const held of heldBefore) if (left.includes(held)) left.splice(left.indexOf(held), 1);
    if (left.length === 0 || performance.now() > until) return left;
  }
}

async function heapInUse(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("needs --expose-gc");
  // What one collection lets go, finalizers among it, another one collects.
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc();
    await setImmediate();
  }
  return process.memoryUsage().heapUsed;
}

function ignore(): void {}
