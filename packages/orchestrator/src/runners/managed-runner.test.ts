import { createServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import { freePort } from "@rrq/private-redis";
import { JsonText } from "@rrq/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Log } from "../log.ts";
import { buildRequest } from "../testing/build-request.ts";
import { isAlive, openPoolStand, type PoolStand } from "../testing/pool-stand.ts";
import type { RunnerPool } from "./runner-pool.ts";

const never = new AbortController().signal;

let stand: PoolStand;
beforeEach(async () => {
  stand = await openPoolStand();
});
afterEach(() => stand[Symbol.asyncDispose]());

async function ask(pool: RunnerPool, functionName = "pid", params: unknown = {}): Promise<unknown> {
  const said = await pool.execute(buildRequest(`job-${Math.random()}`, functionName, 30_000, params), new AbortController().signal);
  if (said.type !== "success" || !(said.result instanceof JsonText)) throw new Error(said.type);
  return said.result.parse();
}

const ready = (pool: RunnerPool, slots: number) => vi.waitFor(() => expect(pool.freeSlots()).toBe(slots), { timeout: 10_000 });

describe("[orchestrator §13.2, §13.3] a pool of processes", () => {
  test("starts all, and shares requests among them", async () => {
    const pool = await stand.open({ poolSize: 2 });
    await pool.ready();
    expect(pool.freeSlots()).toBe(8);
    const answers = new Set([await ask(pool), await ask(pool), await ask(pool), await ask(pool)]);
    expect(answers).toEqual(new Set(await stand.started()));
    expect(pool.status()).toMatchObject({ health: "up", slots: 8, inFlight: 0 });
  });

  test("[trap 57] a clean environment: no DSN unless asked, the address both ways, our pid", async () => {
    const env = { ...process.env, RRQ_REDIS_DSN: "redis://:secret@h", FROM_US: "1" };
    const clean = await stand.open({ env: { OWN: "2" }, cwd: stand.folder }, { env });
    await clean.ready();
    const found = (await ask(clean, "env")) as { cwd: string; env: Record<string, string> };
    expect(found.env).toMatchObject({ FROM_US: "1", OWN: "2", RRQ_RUNNER_PARENT_PID: String(process.pid) });
    expect(found.env["RRQ_RUNNER_TCP_SOCKET"]).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(found.env).not.toHaveProperty("RRQ_REDIS_DSN");
    expect(found.cwd).toBe(stand.folder);
    const given = await stand.open({}, { env, passRedisDsn: true });
    await given.ready();
    expect(await ask(given, "env")).toMatchObject({ env: { RRQ_REDIS_DSN: "redis://:secret@h" } });
  });

  test("[trap 39] a port in use is stepped over", async () => {
    const tcpPort = await freePort();
    const taken = createServer().listen(tcpPort, "127.0.0.1");
    const pool = await stand.open({ tcpPort, poolSize: 2 });
    await pool.ready();
    expect(await ask(pool)).toBeTypeOf("number");
    expect(pool.status().processes.map(({ address }) => address)).not.toContain(`127.0.0.1:${tcpPort}`);
    taken.close();
  });

  test("[trap 39] two pools that start together on one port do not meet", async () => {
    const tcpPort = await freePort();
    const both = await Promise.all([stand.open({ tcpPort }), stand.open({ tcpPort })]);
    await Promise.all(both.map((pool) => pool.ready()));
    const addresses = both.flatMap((pool) => pool.status().processes.map(({ address }) => address));
    expect(new Set(addresses).size).toBe(2);
  });

  test("a program that dies at its start: the reason, with its last words", async () => {
    const pool = await stand.open({ env: { DIE_AT_START: "1" } }, { output: "capture" });
    await expect(pool.ready()).rejects.toMatchObject({
      code: "RUNNER_UNAVAILABLE",
      message: expect.stringMatching(/runner 'main' cannot be started.*exit status: 7.*\n.*no database, no runner/s) as string,
    });
    expect(pool.freeSlots()).toBe(0);
    await expect(pool.execute(buildRequest("a"), never)).rejects.toMatchObject({ code: "RUNNER_UNAVAILABLE" });
  });

  test("a program that does not exist", async () => {
    const pool = await stand.open({ cmd: ["no-such-program-of-ours"] });
    await expect(pool.ready()).rejects.toMatchObject({ code: "RUNNER_UNAVAILABLE" });
  });

  test("a crash loop is broken: it is tried only now and then, and says so", async () => {
    const pool = await stand.open({ env: { DIE_AT_START: "1" } }, { output: "capture" });
    await vi.waitFor(() => expect(pool.status().processes[0]?.state).toBe("broken"), { timeout: 10_000 });
    expect(pool.status()).toMatchObject({ health: "down" });
  });

  test("over 64 slots open more connections", async () => {
    const pool = await stand.open({ maxInFlight: 100 });
    await pool.ready();
    expect(pool.freeSlots()).toBe(100);
    const held = Promise.allSettled(Array.from({ length: 100 }, (_, n) => pool.execute(buildRequest(`held-${n}`, "hold"), new AbortController().signal)));
    expect(pool.freeSlots()).toBe(0);
    await expect(pool.execute(buildRequest("one-more"), never)).rejects.toMatchObject({ code: "RUNNER_BUSY" });
    await pool.close();
    const ends = await held;
    expect(ends.every(({ status }) => status === "rejected")).toBe(true);
  });
});

describe("[trap 21] a process that dies", () => {
  test("with a job in hand: that attempt is lost at once, and the process is started again", async () => {
    const pool = await stand.open();
    await pool.ready();
    const died = performance.now();
    await expect(pool.execute(buildRequest("a", "die"), never)).rejects.toMatchObject({ code: "RUNNER_LOST" });
    expect(performance.now() - died).toBeLessThan(1_000);
    await ready(pool, 4);
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
    await ready(pool, 8);
  });
});

describe("[trap 13, trap 22] a handler that outlives its time", () => {
  test("is told to stop, and its process lives on if it does", async () => {
    const pool = await stand.open();
    await pool.ready();
    const said = await pool.execute(buildRequest("a", "hold", 100), never);
    expect(said).toMatchObject({ type: "timeout", error: { message: "Job timed out after 0s." } });
    await ready(pool, 4);
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
    await ready(pool, 4);
    expect(await stand.started()).toHaveLength(2);
  });
});

describe("[orchestrator §13.5] the end of a process", () => {
  test("[trap 9] one that ignores SIGTERM is killed after the grace", async () => {
    const pool = await stand.open({ env: { IGNORE_TERM: "1" } }, { termGraceMs: 300 });
    await pool.ready();
    const [pid = 0] = await stand.started();
    const closing = performance.now();
    await pool.close();
    expect(isAlive(pid)).toBe(false);
    expect(performance.now() - closing).toBeLessThan(3_000);
  });

  test("its descendants go with it", async () => {
    const pool = await stand.open({ env: { FORK: "1" } });
    await pool.ready();
    const [pid = 0] = await stand.started();
    await pool.close();
    // The group has no members left, once the system has buried them.
    await vi.waitFor(() => expect(() => process.kill(-pid, 0)).toThrow("ESRCH"), { timeout: 10_000 });
  });

  test("whoever waits is told, and nothing new is taken", async () => {
    const pool = await stand.open();
    await pool.ready();
    const execution = pool.execute(buildRequest("a", "hold"), never);
    const rejection = expect(execution).rejects.toMatchObject({ code: "RUNNER_REPLACED" });
    await setImmediate(); // it leaves
    await pool.close();
    await rejection;
    await expect(pool.execute(buildRequest("b"), never)).rejects.toMatchObject({ code: "CLOSED" });
  });
});

describe("[trap 41] captured output", () => {
  function openCapture(): { log: Log; lines: Record<string, unknown>[] } {
    const lines: Record<string, unknown>[] = [];
    const bind = (bound: object): Log => ({
      debug: (message, fields) => lines.push({ level: "debug", message, ...bound, ...fields }),
      info: (message, fields) => lines.push({ level: "info", message, ...bound, ...fields }),
      warn: (message, fields) => lines.push({ level: "warn", message, ...bound, ...fields }),
      error: (message, fields) => lines.push({ level: "error", message, ...bound, ...fields }),
      child: (fields) => bind({ ...bound, ...fields }),
    });
    return { log: bind({}), lines };
  }

  test("lines carry runner, stream and pid; JSON lines keep their job; long ones are cut; the last one is not lost", async () => {
    const { log, lines } = openCapture();
    const pool = await stand.open({}, { output: "capture", log });
    await pool.ready();
    const text = ['{"level":"WARN","fields":{"message":"slow","job_id":"j1"}}', "x".repeat(200_000), "last words"].join("\n");
    await ask(pool, "say", { text });
    await pool.close();
    const said = lines.filter((line) => line["rrq.source"] === "runner");
    expect(said.find(({ message }) => message === "slow")).toMatchObject({
      level: "warn",
      job_id: "j1",
      "rrq.runner": "main",
      "rrq.stream": "stdout",
      "rrq.pid": expect.any(Number) as number,
    });
    expect(said.find(({ message }) => message === "and an error")).toMatchObject({ level: "error", "rrq.stream": "stderr" });
    expect(said.find(({ message }) => message === "last words")).toMatchObject({ level: "info" });
    expect(Math.max(...said.map(({ message }) => String(message).length))).toBeLessThan(70_000);
  });
});
