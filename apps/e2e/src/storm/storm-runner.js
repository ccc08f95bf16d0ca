// The runner program of the storm: plain node, the built packages. Every start and every end of an attempt is a line in a file.
import { appendFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { createRegistry, RetryAfter, runRunner } from "@rrq/runner";

const file = process.env["STORM_FILE"] ?? "storm";

/** @param {Record<string, unknown>} line */
function note(line) {
  appendFileSync(file, `${JSON.stringify({ ...line, pid: process.pid, at: Date.now() })}\n`);
}

const registry = createRegistry()
  // One attempt in ten fails, one in twenty asks for another; which ones is in the job and the attempt.
  .register("work", async (/** @type {{ n: number, ms: number }} */ { n, ms }, { attempt, jobId, fence }) => {
    note({ what: "start", jobId, attempt, fence });
    await sleep(ms);
    const luck = (n * 31 + attempt * 17) % 20;
    note({ what: "end", jobId, attempt, fence });
    if (luck < 2) throw new Error("bad luck");
    if (luck === 2) throw new RetryAfter(0.05, "later");
    return { n, attempt };
  });

await runRunner(registry);
