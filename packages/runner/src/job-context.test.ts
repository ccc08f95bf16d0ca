import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { getJobContext, type JobContext } from "./job-context.ts";
import { createRegistry } from "./registry.ts";
import { keptLog } from "./test-support/lines.ts";
import { ManualClock, runHandler } from "./testing/index.ts";

/** The context of a job, as its handler sees it. */
async function contextOf(options: Parameters<typeof runHandler>[3]): Promise<JobContext> {
  const seen: JobContext[] = [];
  await runHandler(createRegistry().register("job", (_params, ctx) => void seen.push(ctx)), "job", {}, options);
  return seen[0] ?? expect.fail("the handler was not called");
}

describe("[design §4] what a handler knows of its attempt", () => {
  test("everything the orchestrator told", async () => {
    const clock = new ManualClock(5_000);
    const ctx = await contextOf({
      clock, jobId: "j", attempt: 3, queueName: "rrq:queue:q", workerId: "w", fence: 17, timeoutSeconds: 2,
      enqueuedAt: new Date(1_000), trace: { traceparent: "t" }, correlation: { tenant: "x" },
    });
    expect(ctx).toMatchObject({
      jobId: "j", functionName: "job", attempt: 3, queueName: "rrq:queue:q", workerId: "w", fence: 17,
      trace: { traceparent: "t" }, correlation: { tenant: "x" },
    });
    expect(ctx.enqueuedAt).toEqual(new Date(1_000));
    expect(ctx.deadline).toEqual(new Date(7_000));
    expect(ctx.signal.aborted).toBe(false);
  });

  test("and null for what an orchestrator of upstream's does not tell", async () => {
    expect(await contextOf({})).toMatchObject({ fence: null, trace: null, correlation: null, deadline: null });
  });

  test("the signal is the same one at each look", async () => {
    const ctx = await contextOf({});
    expect(ctx.signal).toBe(ctx.signal);
  });
});

describe("[design §4] getJobContext", () => {
  test("finds the job anywhere below its handler, also with several at once", async () => {
    const deep = async (): Promise<string | undefined> => {
      await setImmediate();
      return getJobContext()?.jobId;
    };
    const registry = createRegistry().register("job", async () => {
      await setImmediate();
      return deep();
    });
    const ids = ["a", "b", "c"];
    const outcomes = await Promise.all(ids.map((jobId) => runHandler(registry, "job", {}, { jobId })));
    expect(outcomes).toMatchObject(ids.map((result) => ({ type: "success", result })));
  });

  test("is there for middleware and raw handlers", async () => {
    const seen: (string | undefined)[] = [];
    const registry = createRegistry()
      .use((_call, next) => { seen.push(getJobContext()?.jobId); return next(); })
      .registerRaw("raw", () => void seen.push(getJobContext()?.jobId));
    await runHandler(registry, "raw", {}, { jobId: "j" });
    expect(seen).toEqual(["j", "j"]);
  });

  test("is undefined outside of handlers", () => {
    expect(getJobContext()).toBeUndefined();
  });
});

describe("[trap 58] ctx.log", () => {
  test("puts the job into each line, and a line cannot say otherwise", async () => {
    const { log, lines } = keptLog();
    const registry = createRegistry().register("job", async (_params, ctx) => {
      await setImmediate();
      ctx.log.info("sending", { to: "a@example.com", "rrq.job_id": "forged" });
      ctx.log.error("failed");
    });
    await Promise.all(["a", "b"].map((jobId) => runHandler(registry, "job", {}, { jobId, log, attempt: 2 })));
    const fields = (jobId: string): object => ({
      "rrq.job_id": jobId, "rrq.request_id": expect.any(String) as string, "rrq.function": "job",
      "rrq.queue": "rrq:queue:default", "rrq.attempt": 2,
    });
    expect(lines.filter(({ level }) => level === "info").map((line) => line.fields)).toEqual([
      { to: "a@example.com", ...fields("a") },
      { to: "a@example.com", ...fields("b") },
    ]);
    expect(lines.filter(({ level }) => level === "error").map((line) => line.fields)).toEqual([fields("a"), fields("b")]);
  });
});
