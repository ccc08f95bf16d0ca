import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildRequest } from "../testing/build-request.ts";
import { ask, hasSlots, isAlive, openPoolStand, type PoolStand } from "../testing/pool-stand.ts";

const never = new AbortController().signal;

let stand: PoolStand;
beforeEach(async () => {
  stand = await openPoolStand();
});
afterEach(() => stand[Symbol.asyncDispose]());

describe("[trap 21] a process that dies", () => {
  test("with a job in hand: that attempt is lost at once, and the process is started again", async () => {
    const pool = await stand.open();
    await pool.ready();
    const died = performance.now();
    await expect(pool.execute(buildRequest("a", "die"), never)).rejects.toMatchObject({ code: "RUNNER_LOST" });
    expect(performance.now() - died).toBeLessThan(1_000);
    await hasSlots(pool, 4);
    expect(await stand.started()).toHaveLength(2);
    expect(pool.status().processes[0]).toMatchObject({ restarts: 1, lastError: "runner process ended (exit status: 3)" });
  });

  test("while it is idle: it is noticed without a job, and others serve meanwhile", async () => {
    const pool = await stand.open({ poolSize: 2 });
    await pool.ready();
    const [victim = 0] = await stand.started();
    process.kill(victim, "SIGKILL");
    await vi.waitFor(() => expect(pool.freeSlots()).toBe(4));
    expect(await ask(pool)).not.toBe(victim);
    await hasSlots(pool, 8);
  });
});

describe("a process that lives, and breaks its connection", () => {
  test.each(["hang up", "no frame"])("by way of '%s': what it had in hand is lost, and it is replaced", async (functionName) => {
    const pool = await stand.open();
    await pool.ready();
    const [first = 0] = await stand.started();
    const neighbour = expect(pool.execute(buildRequest("a", "hold"), never)).rejects.toMatchObject({ code: "RUNNER_LOST" });
    await expect(pool.execute(buildRequest("b", functionName), never)).rejects.toMatchObject({ code: "RUNNER_LOST" });
    await neighbour;
    await hasSlots(pool, 4);
    expect(isAlive(first)).toBe(false);
    expect(pool.status().processes[0]?.lastError).toMatch(/^runner connection /);
  });
});

describe("[trap 13, trap 22] a handler that outlives its time", () => {
  test("is told to stop, and its process lives on if it does", async () => {
    const pool = await stand.open();
    await pool.ready();
    const said = await pool.execute(buildRequest("a", "hold", 100), never);
    expect(said).toMatchObject({ type: "timeout", error: { message: "Job timed out after 0s." } });
    await hasSlots(pool, 4);
    expect(await stand.started()).toHaveLength(1);
  });

  test("if it does not, its process is replaced; the neighbours may finish within the grace, the rest lose no attempt", async () => {
    const pool = await stand.open();
    await pool.ready();
    const deaf = pool.execute(buildRequest("deaf", "deaf", 100), never);
    const neighbour = pool.execute(buildRequest("neighbour", "deaf", 60_000), never);
    const rejection = expect(neighbour).rejects.toMatchObject({ code: "RUNNER_REPLACED" });
    expect(await deaf).toMatchObject({ type: "timeout" });
    await rejection;
    await hasSlots(pool, 4);
    expect(await stand.started()).toHaveLength(2);
  });

  test("a neighbour that ends within the grace has its outcome; meanwhile the process takes nothing new", async () => {
    const pool = await stand.open({}, { abortGraceMs: 800 });
    await pool.ready();
    const deaf = new AbortController();
    const interrupted = expect(pool.execute(buildRequest("deaf", "deaf"), deaf.signal)).rejects.toMatchObject({ code: "ABORTED" });
    const neighbour = pool.execute(buildRequest("neighbour", "nap", 60_000, { ms: 1_200 }), never);
    deaf.abort();
    await interrupted;
    expect(pool.status().processes[0]).toMatchObject({ state: "draining", stuck: 1, inFlight: 2, freeSlots: 0 });
    expect(await neighbour).toMatchObject({ type: "success" });
    await hasSlots(pool, 4);
    expect(await stand.started()).toHaveLength(2);
  });

  test("a process that was stopped (SIGSTOP) is replaced once the time of a job on it is over", async () => {
    const pool = await stand.open();
    await pool.ready();
    const [stopped = 0] = await stand.started();
    process.kill(stopped, "SIGSTOP");
    expect(await pool.execute(buildRequest("a", "pid", 200), never)).toMatchObject({ type: "timeout" });
    await hasSlots(pool, 4);
    expect(await ask(pool)).not.toBe(stopped);
    expect(isAlive(stopped)).toBe(false);
  });
});
