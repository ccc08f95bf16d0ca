import { defineJob, outcome } from "@rrq/protocol";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createRegistry } from "../registry.ts";
import { keptLog } from "../test-support/lines.ts";
import { ManualClock, runHandler } from "./index.ts";

describe("[design §4] running a handler without socket or Redis", () => {
  test("params and result pass through JSON, as they would", async () => {
    const registry = createRegistry().register("job", (params: { at: string }) => ({ at: new Date(params.at), none: undefined }));
    expect(await runHandler(registry, "job", { at: new Date(0) })).toEqual(outcome.success({ at: "1970-01-01T00:00:00.000Z" }));
  });

  test("a deadline comes when the test's clock says so", async () => {
    const clock = new ManualClock();
    const registry = createRegistry().register("job", (_params, { signal }) => {
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    });
    const running = runHandler(registry, "job", {}, { clock, timeoutSeconds: 5 });
    await clock.advance(5_000);
    expect(await running).toEqual(outcome.timeout());
  });

  test("a handler that sleeps on its deadline is answered for after the grace", async () => {
    const clock = new ManualClock();
    const registry = createRegistry().register("job", () => new Promise(() => undefined));
    const running = runHandler(registry, "job", {}, { clock, timeoutSeconds: 5, abortGraceMs: 100 });
    await clock.advance(5_100);
    expect(await running).toMatchObject({ type: "timeout", stillRunning: true });
  });

  test.each<[string, boolean]>([
    ["later", false],
    ["before", true],
  ])("a signal cancels, also one that fired %s", async (_title, before) => {
    const cancel = new AbortController();
    if (before) cancel.abort();
    const registry = createRegistry().register("job", (_params, { signal }) => {
      return new Promise((resolve) => {
        if (signal.aborted) resolve(1);
        signal.addEventListener("abort", () => resolve(1));
      });
    });
    const running = runHandler(registry, "job", {}, { signal: cancel.signal });
    cancel.abort();
    expect(await running).toEqual(outcome.cancelled());
  });

  test("an error's details are plain values", async () => {
    const registry = createRegistry().register("job", () => {
      throw new RangeError("bad");
    });
    expect(await runHandler(registry, "job", {})).toEqual({
      type: "failure",
      error: { message: "bad", type: "RangeError", details: { stack: expect.stringContaining("RangeError: bad") as string } },
    });
  });

  test("a defined job with a prefix finds its handler", async () => {
    const job = defineJob("mail#send", { params: z.object({ to: z.string() }), result: z.string() });
    const registry = createRegistry().register(job, ({ to }) => `sent to ${to}`);
    expect(await runHandler(registry, job, { to: "a" })).toEqual(outcome.success("sent to a"));
  });

  test("lines of ctx.log can be kept", async () => {
    const { log, lines } = keptLog();
    const registry = createRegistry().register("job", (_params, ctx) => ctx.log.debug("here"));
    await runHandler(registry, "job", {}, { log });
    expect(lines).toMatchObject([{ level: "debug", message: "here" }]);
  });

  test("params that JSON cannot hold are refused, as at enqueue", async () => {
    const registry = createRegistry().register("job", () => 1);
    await expect(runHandler(registry, "job", { n: 5n })).rejects.toMatchObject({ code: "NOT_JSON" });
  });
});
