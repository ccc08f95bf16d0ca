import { parseArgs } from "node:util";
import { orchestratorFigures } from "./orchestrator-figures.ts";
import { workerTraffic } from "./worker-traffic.ts";

// usage: soak.ts [--jobs 100000] [--minutes 10] [--idle-seconds 60]
// The figures of idle.test.ts after a long run. Exits 1 if one of them is not as promised.

const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "100000" },
    minutes: { type: "string", default: "10" },
    "idle-seconds": { type: "string", default: "60" },
  },
});
const jobs = Number(values.jobs);

const { heapBefore, heapAfter, left, exitMs } = await orchestratorFigures({ jobs, overMs: Number(values.minutes) * 60_000 });
const growth = heapAfter / heapBefore - 1;
print("heap after garbage collection", `${mib(heapBefore)} before, ${mib(heapAfter)} after ${jobs} jobs (${(growth * 100).toFixed(1)} %)`);
print("left after close()", left.length === 0 ? `nothing; ended by itself after ${exitMs.toFixed(0)} ms` : left.join(", "));

const { callsPerSecond, commandsPerSecond, calls } = await workerTraffic({ jobs, idleSeconds: Number(values["idle-seconds"]) });
print("Redis, idle", `${callsPerSecond.toFixed(2)} calls a second, ${commandsPerSecond.toFixed(2)} commands with those in scripts: ${JSON.stringify(calls)}`);
process.exitCode = growth < 0.05 && left.length === 0 && callsPerSecond <= 2 ? 0 : 1;

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

function print(what: string, figure: string): void {
  process.stdout.write(`${what}: ${figure}\n`);
}
