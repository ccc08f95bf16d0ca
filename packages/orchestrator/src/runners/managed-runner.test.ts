import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { freePort } from "@rrq/private-redis";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Log } from "../log.ts";
import { buildRequest } from "../testing/build-request.ts";
import { ask, openPoolStand, type PoolStand, SCRIPTED_RUNNER } from "../testing/pool-stand.ts";
import { groupRuns } from "./process-group.ts";

const never = new AbortController().signal;

let stand: PoolStand;
beforeEach(async () => {
  stand = await openPoolStand();
});
afterEach(() => stand[Symbol.asyncDispose]());

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

describe("[trap 12, trap 40] a start", () => {
  test("may take longer than jobs may run: until it is over none is taken, and none lost", async () => {
    const pool = await stand.open({ env: { START_MS: "700" } });
    await expect(pool.execute(buildRequest("early", "pid", 100), never)).rejects.toMatchObject({
      code: "RUNNER_UNAVAILABLE",
      message: "runner 'main' takes no requests: it is starting",
    });
    await pool.ready();
    expect(await ask(pool)).toBeTypeOf("number");
    expect(await stand.started()).toHaveLength(1);
  });

  test("that does not end in its time fails, and leaves nothing behind", async () => {
    const pool = await stand.open({ env: { NEVER_LISTEN: "1", IGNORE_TERM: "1" } }, { connectTimeoutMs: 600, termGraceMs: 50 });
    await expect(pool.ready()).rejects.toMatchObject({
      code: "RUNNER_UNAVAILABLE",
      message: expect.stringMatching(/^runner 'main' cannot be started: runner socket not ready: .*ECONNREFUSED/) as string,
    });
    await pool.close();
    for (const pid of await stand.started()) expect(groupRuns(pid)).toBe(false);
  });

  test("that is broken off leaves nothing behind", async () => {
    const pool = await stand.open({ poolSize: 2, env: { NEVER_LISTEN: "1", IGNORE_TERM: "1" } }, { termGraceMs: 100 });
    const pids = await vi.waitFor(async () => {
      const found = await stand.started();
      expect(found).toHaveLength(2);
      return found;
    }, 10_000);
    const readiness = expect(pool.ready()).rejects.toMatchObject({ code: "RUNNER_UNAVAILABLE" });
    await pool.close();
    await readiness;
    for (const pid of pids) expect(groupRuns(pid)).toBe(false);
    expect(pool.status().processes.map(({ state }) => state)).toEqual(["closed", "closed"]);
  });

  test("in part is a start, if another process is up", async () => {
    const tcpPort = await freePort();
    const code = `if (process.argv.at(-1).endsWith(":${tcpPort}")) process.exit(1); import(${JSON.stringify(pathToFileURL(SCRIPTED_RUNNER).href)})`;
    const pool = await stand.open({ tcpPort, poolSize: 2, cmd: [process.execPath, "-e", code, "--"] });
    await pool.ready();
    expect(pool.status().health).toBe("degraded");
    expect(pool.freeSlots()).toBe(4);
  });

  test.each([0, 400])("[trap 39] on a port that somebody takes meanwhile, and answers on for %d ms, is made on another", async (ms) => {
    const file = join(stand.folder, "thief");
    const tcpPort = await freePort();
    const pool = await stand.open({ tcpPort, env: { THIEF_FILE: file, THIEF_MS: String(ms) } });
    try {
      await vi.waitFor(async () => expect(await ask(pool)).toBeTypeOf("number"), { timeout: 10_000 });
      expect(pool.status().processes[0]).toMatchObject({ address: `127.0.0.1:${tcpPort + 1}`, restarts: 1 });
    } finally {
      process.kill(Number(await readFile(file, "utf8")), "SIGKILL");
    }
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
    await ask(pool, "say", { text, encoding: "utf8" });
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
