import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type PrivateRedis, type PrivateRedisOptions, startPrivateRedis } from "./private-redis.ts";

async function start(options?: PrivateRedisOptions): Promise<PrivateRedis> {
  const server = await startPrivateRedis(options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** Runs one command on a connection of its own. */
async function ask<T>(server: { readonly url: string }, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url, { lazyConnect: true, retryStrategy: () => null });
  try {
    await redis.connect();
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return once(socket, "connect").then(
    () => true,
    () => false,
  ).finally(() => socket.destroy());
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const pidOf = (server: PrivateRedis): number => {
  expect(server.pid).toBeTypeOf("number");
  return server.pid ?? 0;
};

describe("a private Redis", () => {
  test("answers on a port of loopback, with the databases and settings asked for", async () => {
    const server = await start({ databases: 40, args: ["--maxmemory", "7mb"] });
    expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
    const told = await ask(server, async (redis) => redis.config("GET", "databases", "bind", "maxmemory", "appendonly"));
    expect(told).toEqual(expect.arrayContaining(["40", "127.0.0.1", String(7 << 20), "no"]));
  });

  test("does not share its port with others that start at the same time", async () => {
    const servers = await Promise.all(Array.from({ length: 5 }, () => start()));
    expect(new Set(servers.map(({ port }) => port)).size).toBe(5);
  });

  test("is gone when disposed of, with its folder; twice is fine", async () => {
    const server = await start();
    const pid = pidOf(server);
    const [, folder] = (await ask(server, async (redis) => redis.config("GET", "dir"))) as [string, string];
    expect(await readdir(folder)).toEqual([]);
    await Promise.all([server[Symbol.asyncDispose](), server[Symbol.asyncDispose]()]);
    expect(isAlive(pid)).toBe(false);
    expect(await isListening(server.port)).toBe(false);
    await expect(readdir(folder)).rejects.toThrow("ENOENT");
    await expect(server.restart()).rejects.toThrow("closed");
  });

  test("can be killed, and comes back on the same port with what its file holds", async () => {
    const server = await start({ appendfsync: "always" });
    await ask(server, async (redis) => redis.set("kept", "yes"));
    const first = pidOf(server);
    await server.kill();
    expect([server.pid, isAlive(first)]).toEqual([undefined, false]);
    expect(await isListening(server.port)).toBe(false);
    await server.restart();
    expect(server.pid).not.toBe(first);
    expect(await ask(server, async (redis) => redis.get("kept"))).toBe("yes");
  });

  test("restarts also from a stop, and without a file it comes back empty", async () => {
    const server = await start();
    await ask(server, async (redis) => redis.set("kept", "no"));
    await server.kill("SIGSTOP");
    await server.restart();
    expect(await ask(server, async (redis) => redis.dbsize())).toBe(0);
  });

  test("answers nothing while it is stopped, and goes on after that", async () => {
    const server = await start();
    await ask(server, async (redis) => {
      await server.kill("SIGSTOP");
      const pong = redis.ping();
      expect(await Promise.race([pong, isListening(server.port)])).toBe(true);
      await server.kill("SIGCONT");
      expect(await pong).toBe("PONG");
    });
  });

  test("that was given by its DSN is used, and never stopped", async () => {
    const server = await start();
    const given = await startPrivateRedis({ dsn: server.url });
    expect(given).toMatchObject({ url: server.url, port: server.port, pid: undefined });
    await expect(given.kill()).rejects.toThrow("neither stop nor restart");
    await expect(given.restart()).rejects.toThrow("neither stop nor restart");
    await given[Symbol.asyncDispose]();
    expect(await ask(server, async (redis) => redis.ping())).toBe("PONG");
  });

  test("tells what the server said when its arguments are wrong, and leaves nothing behind", async () => {
    const temporary = await mkdtemp(join(tmpdir(), "rrq-test-"));
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await rm(temporary, { recursive: true });
    });
    await expect(startPrivateRedis({ args: ["--no-such-setting", "1"] })).rejects.toThrow("no-such-setting");
    expect(await readdir(temporary)).toEqual([]);
  });

  test.each<NodeJS.Signals>(["SIGKILL", "SIGTERM", "SIGINT"])("ends when the process that started it ends by %s", async (signal) => {
    const temporary = await mkdtemp(join(tmpdir(), "rrq-test-"));
    onTestFinished(() => rm(temporary, { recursive: true }));
    const program = join(import.meta.dirname, "testing/starter.ts");
    const starter = spawn(process.execPath, ["--import", "tsx", program], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: temporary },
    });
    onTestFinished(() => void starter.kill("SIGKILL"));
    const [line] = (await once(starter.stdout, "data")) as [Buffer];
    const { pid, port } = JSON.parse(line.toString()) as { pid: number; port: number };
    expect([isAlive(pid), await isListening(port)]).toEqual([true, true]);
    starter.kill(signal);
    await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
    await expect.poll(() => readdir(temporary).then((names) => names.filter((name) => name.startsWith("rrq-")))).toEqual([]);
  });
});
