import { getEventListeners } from "node:events";
import { type ExecutionOutcome, JsonText, outcome } from "@rrq/protocol";
import { ManualClock } from "@rrq/protocol/runtime";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { CANCELLED, SHUTTING_DOWN } from "./abort-reasons.ts";
import { inProcess, type InProcessRunner } from "./in-process.ts";
import { createRegistry } from "./registry.ts";
import { keptLog } from "./test-support/lines.ts";
import { buildRequest } from "./test-support/requests.ts";

const never = new AbortController().signal;
let clock: ManualClock;
/** The signals of the handlers of `hold` that run, and how to end them. */
let held: { signal: AbortSignal; resolve: (value: unknown) => void }[];

beforeEach(() => {
  clock = new ManualClock(Date.now());
  held = [];
});

function open(maxInFlight?: number): InProcessRunner {
  const registry = createRegistry()
    .register("echo", (params) => params)
    .register("bigint", () => 5n)
    .register("huge", () => "x".repeat(20 * 1024 * 1024))
    .register("details", () => outcome.failure({ message: "m", details: { n: 1 } }))
    .register("broken details", () => outcome.failure({ message: "m", details: { n: 1n } }))
    .register("hold", (_params, { signal }) => new Promise((resolve) => void held.push({ signal, resolve })));
  return inProcess(registry, { clock, log: keptLog().log, ...(maxInFlight === undefined ? {} : { maxInFlight }) });
}

const holding = (count: number): Promise<void> => vi.waitFor(() => expect(held).toHaveLength(count), { interval: 1 });

describe("[design §4] handlers in this process", () => {
  test.each<[string, object]>([
    ["echo", { type: "success", result: new JsonText('{"a":1}') }],
    ["nope", { type: "handler_not_found", error: { type: "handler_not_found" } }],
    ["[trap 36] bigint", { type: "failure", error: { code: "NOT_JSON" } }],
    ["[trap 36] huge", { type: "failure", error: { code: "TOO_LARGE" } }],
    ["details", { type: "failure", error: { message: "m", details: new JsonText('{"n":1}') } }],
    ["broken details", { type: "failure", error: { code: "NOT_JSON" } }],
  ])("are answered for as over a socket: %s", async (title, expected) => {
    await using runner = open();
    const request = buildRequest(title.replace("[trap 36] ", ""), { params: { a: 1 } });
    expect(await runner.execute(request, never)).toMatchObject(expected);
  });

  test("[runner §4] are held to their deadline", async () => {
    await using runner = open();
    const told = runner.execute(buildRequest("hold", { timeoutMs: 1_000 }), never);
    await holding(1);
    await clock.advance(3_000);
    expect(await told).toEqual(outcome.timeout("Job execution timed out", { stillRunning: true }));
  });

  test("[runner §5] are cancelled when the caller's signal fires, and answered for", async () => {
    await using runner = open();
    const caller = new AbortController();
    const told = runner.execute(buildRequest("hold"), caller.signal);
    await holding(1);
    caller.abort();
    expect(held[0]?.signal.reason).toBe(CANCELLED);
    held[0]?.resolve("unheard");
    expect(await told).toEqual(outcome.cancelled());
  });

  test("are cancelled also when it fires while they begin", async () => {
    const caller = new AbortController();
    const registry = createRegistry().register("job", () => {
      caller.abort();
      return new Promise(() => undefined);
    });
    const runner = inProcess(registry, { clock, log: keptLog().log, abortGraceMs: 0 });
    expect(await runner.execute(buildRequest("job"), caller.signal)).toMatchObject({ type: "cancelled" });
  });

  test("are not called if that happened before, be it a moment", async () => {
    await using runner = open();
    await expect(runner.execute(buildRequest("hold"), AbortSignal.abort())).rejects.toMatchObject({ code: "ABORTED" });
    await using fresh = open();
    const caller = new AbortController();
    const told = fresh.execute(buildRequest("hold"), caller.signal);
    caller.abort();
    await expect(told).rejects.toMatchObject({ code: "ABORTED" });
    expect(held).toEqual([]);
  });

  test("leave nothing on the caller's signal", async () => {
    await using runner = open();
    const caller = new AbortController();
    await runner.execute(buildRequest("echo"), caller.signal);
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
  });
});

describe("[design §3] slots", () => {
  test("without a limit there is always one more", async () => {
    await using runner = open();
    expect(runner.freeSlots()).toBe(Number.POSITIVE_INFINITY);
  });

  test("a slot is free again when the handler really ended, which listeners hear", async () => {
    await using runner = open(2);
    const heard: number[] = [];
    const stop = runner.onFreeSlot(() => heard.push(runner.freeSlots()));
    const caller = new AbortController();
    const told = [runner.execute(buildRequest("hold"), caller.signal), runner.execute(buildRequest("hold"), never)];
    await holding(2);
    expect(runner.freeSlots()).toBe(0);
    await expect(runner.execute(buildRequest("echo"), never)).rejects.toMatchObject({ code: "RUNNER_BUSY" });

    caller.abort();
    await clock.advance(2_000);
    expect(await told[0]).toMatchObject({ type: "cancelled", stillRunning: true });
    expect(runner.freeSlots()).toBe(0);
    expect(heard).toEqual([]);

    for (const { resolve } of held) resolve(null);
    await told[1];
    await clock.advance(0);
    expect(heard).toEqual([1, 2]);
    stop();
    await runner.execute(buildRequest("echo"), never);
    expect(heard).toEqual([1, 2]);
  });
});

describe("[runner §7] closing", () => {
  test("aborts what runs, answers for it and takes nothing more", async () => {
    const runner = open();
    const told: Promise<ExecutionOutcome>[] = [1, 2].map(() => runner.execute(buildRequest("hold"), never));
    await holding(2);
    const closing = runner.close();
    await vi.waitFor(() => expect(held[0]?.signal.reason).toBe(SHUTTING_DOWN), { interval: 1 });
    await expect(runner.execute(buildRequest("echo"), never)).rejects.toMatchObject({ code: "RUNNER_UNAVAILABLE" });
    expect(runner.freeSlots()).toBe(0);
    held[0]?.resolve(null);
    await clock.advance(2_000);
    await closing;
    expect(await Promise.all(told)).toEqual([
      outcome.cancelled("Runner is shutting down"),
      outcome.cancelled("Runner is shutting down", { stillRunning: true }),
    ]);
    await runner.close();
  });
});
