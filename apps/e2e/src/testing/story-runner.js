// The runner program of the stories and of the interop tests, as a user would write one: plain node, the built packages.
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { createRegistry, RetryAfter, runRunner } from "@rrq/runner";

/** Where the test and its handlers meet. */
const folder = process.env["STORY_FOLDER"] ?? ".";
const runner = process.env["STORY_RUNNER"] ?? "";

const registry = createRegistry()
  .register("add", (/** @type {{ a: number, b: number }} */ { a, b }) => ({ sum: a + b }))
  .register("fail", () => {
    throw new Error("boom");
  })
  // Fails, or asks for another attempt, until attempt number `until`.
  .register("flaky", (/** @type {{ until: number }} */ { until }, { attempt }) => {
    if (attempt < until) throw new Error(`attempt ${attempt} fails`);
    return { attempt };
  })
  .register("again", (/** @type {{ until: number }} */ { until }, { attempt }) => {
    if (attempt < until) throw new RetryAfter(0.01, "not yet");
    return { attempt };
  })
  .register("where", (_params, { queueName }) => ({ pid: process.pid, runner, queueName }))
  // Until the test opens the door, or the signal fires.
  .register("hold", async (_params, { attempt, signal }) => {
    await doorOpens(signal);
    return { attempt };
  })
  .register("pause", async (/** @type {{ ms: number }} */ { ms }) => {
    await sleep(ms);
  })
  .register("crash", () => process.kill(process.pid, "SIGKILL"))
  // As one that knows nothing of signals.
  .register("overrun", async (_params, { attempt }) => {
    await doorOpens();
    return { attempt };
  });

/** @param {AbortSignal} [signal] */
async function doorOpens(signal) {
  while (!existsSync(join(folder, "open"))) await sleep(10, undefined, signal && { signal });
}

// One line for each attempt that starts.
registry.use(({ functionName, ctx }, next) => {
  const { jobId, attempt, fence } = ctx;
  const start = { jobId, functionName, attempt, fence, pid: process.pid, at: Date.now() };
  appendFileSync(join(folder, "starts"), `${JSON.stringify(start)}\n`);
  return next();
});

// A program that has much to load.
await sleep(Number(process.env["STORY_START_MS"] ?? 0));
await runRunner(registry);
