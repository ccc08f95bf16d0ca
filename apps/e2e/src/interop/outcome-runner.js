// A runner program of ours for upstream's orchestrator: every way to end, and handlers that tell how they were stopped.
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { JsonText, outcome } from "@rrq/protocol";
import { createRegistry, NonRetryable, RetryAfter, runRunner } from "@rrq/runner";

/** Where the test and its handlers meet. */
const { STORY_FOLDER: folder = ".", TOLD_FILE: toldFile = "told", DRAIN_MS: drainMs } = process.env;

/** @type {Readonly<Record<string, () => unknown>>} */
const ENDS = {
  success: () => outcome.success({ kept: true }),
  failure: () => outcome.failure({ message: "card declined", type: "PaymentError", code: "declined", details: { n: 1 } }),
  "failure without words": () => outcome.failure(""),
  "failure for good": () => outcome.failure("never again", { retryable: false }),
  handler_not_found: () => outcome.handlerNotFound("something else"),
  timeout: () => outcome.timeout("the upstream of mine timed out"),
  cancelled: () => outcome.cancelled(),
  "retry_after 30 s": () => outcome.retryAfter(30, "rate limited"),
  "retry_after 0.5 s ago": () => outcome.retryAfter(-0.5),
  "retry_after without a time": () => outcome.retryAfter(),
  "throws an error": () => {
    throw new Error("boom");
  },
  "throws a text": () => {
    throw "just a text";
  },
  "throws NonRetryable": () => {
    throw new NonRetryable("not with these params");
  },
  "throws RetryAfter": () => {
    throw new RetryAfter(30, "not yet");
  },
};

/** @type {Readonly<Record<string, () => unknown>>} */
const UNFIT = {
  "a BigInt": () => 1n,
  "a cycle": () => {
    /** @type {{ self?: unknown }} */
    const cycle = {};
    cycle.self = cycle;
    return cycle;
  },
  "half a surrogate pair": () => "\ud800",
  "17 MiB": () => "x".repeat(17 << 20),
  "126 levels": () => new JsonText("[".repeat(126) + "]".repeat(126)),
};

const registry = createRegistry()
  .register("end", (/** @type {{ by: string }} */ { by }) => ENDS[by]?.())
  .register("unfit", (/** @type {{ by: string }} */ { by }) => UNFIT[by]?.())
  .register("text", (/** @type {{ text: string }} */ { text }) => new JsonText(text))
  .register("repeat", (/** @type {{ text: string, times: number }} */ { text, times }) => text.repeat(times))
  .register("where", () => process.pid)
  .register("see", (params, { jobId, queueName, attempt, trace, correlation, fence, enqueuedAt, deadline }) => ({
    ...{ params, jobId, queueName, attempt, trace, correlation, fence },
    ...{ enqueuedAt: enqueuedAt.getTime(), deadline: deadline?.getTime() ?? null },
  }))
  // Until the test opens the door, or somebody wants it to stop.
  .register("hold", async (_params, { jobId, signal }) => {
    tell({ jobId, started: process.pid });
    while (!existsSync(join(folder, "open")) && !signal.aborted) await sleep(10);
    if (signal.aborted) tell({ jobId, stopped: String(signal.reason) });
    signal.throwIfAborted();
    return "the door is open";
  });

/** @param {Record<string, unknown>} what */
function tell(what) {
  appendFileSync(toldFile, `${JSON.stringify(what)}\n`);
}

await runRunner(registry, drainMs === undefined ? {} : { drainMs: Number(drainMs) });
