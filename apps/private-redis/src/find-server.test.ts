import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { canFetch, fetchedServer, findServer } from "./find-server.ts";
import { isUsable } from "./server-program.ts";
import { systemName } from "./system-name.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rrq-test-"));
  return () => rm(folder, { recursive: true });
});

async function fakeServer(name: string, version: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\necho "${version}"\n`, { mode: 0o755 });
}

test.each([
  ["redis-server", "Redis server v=6.2.0 sha=00000000:0 malloc=libc bits=64 build=0"],
  ["redis-server", "Redis server v=8.0.2 sha=00000000:0 malloc=libc bits=64 build=0"],
  ["valkey-server", "Valkey server v=7.2.5 sha=00000000:0 malloc=libc bits=64 build=0"],
])("a %s on PATH is taken: %s", async (name, version) => {
  await fakeServer(name, version);
  expect(await findServer({ PATH: folder })).toEqual({ command: name, env: {} });
});

test("a Redis on PATH that is too old for RRQ is passed over", async () => {
  await fakeServer("redis-server", "Redis server v=6.0.16 sha=00000000:0 malloc=libc bits=64 build=0");
  await expect(findServer({ PATH: folder })).rejects.toThrow("6.2 or later");
  await fakeServer("valkey-server", "Valkey server v=8.1.0 sha=00000000:0 malloc=libc bits=64 build=0");
  expect(await findServer({ PATH: folder })).toMatchObject({ command: "valkey-server" });
});

test("where there is none and none can be fetched, the error says what to install", async () => {
  await expect(findServer({ PATH: folder })).rejects.toThrow(/install redis-server .* RRQ_TEST_REDIS_DSN/);
});

test.runIf(await canFetch())(
  "where apt is, one is fetched without touching the system, once for all that ask at the same time",
  { timeout: 120_000 },
  async () => {
    const programs = await Promise.all([fetchedServer(folder), fetchedServer(folder), fetchedServer(folder)]);
    const [program] = programs;
    expect(programs).toEqual([program, program, program]);
    expect(await isUsable(program)).toBe(true);
    const [kept = ""] = (await readdir(folder)).filter((name) => name !== "fetch.lock");
    expect(program.command.startsWith(join(folder, kept))).toBe(true);
    expect(await readdir(folder)).toHaveLength(2);
  },
);

test.runIf(await canFetch())("a broken cache is fetched again", { timeout: 120_000 }, async () => {
  const broken = join(folder, `redis-server-${await systemName()}`, "usr/bin/redis-server");
  await mkdir(dirname(broken), { recursive: true });
  await writeFile(broken, "not a program", { mode: 0o755 });
  const program = await fetchedServer(folder);
  expect(program.command).toBe(broken);
  expect(await isUsable(program)).toBe(true);
});
