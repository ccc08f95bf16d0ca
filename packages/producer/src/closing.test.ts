import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type PrivateRedis, startPrivateRedis } from "@rrq/private-redis";
import { Redis } from "ioredis";
import { expect, test, vi } from "vitest";

const PROGRAM = fileURLToPath(new URL("./testing/close-and-end.ts", import.meta.url));

test.each<[string, (server: PrivateRedis) => Promise<void>]>([
  ["Redis near", async () => undefined],
  ["Redis silent", (server) => server.kill("SIGSTOP")],
  ["Redis gone", (server) => server.kill("SIGKILL")],
])("[design §4] nothing keeps a process alive after close, no socket, no timer, no wait: %s", async (_title, disturb) => {
  await using server = await startPrivateRedis();
  const child = spawn(process.execPath, ["--conditions=@rrq/source", "--import", "tsx", PROGRAM, server.url], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect(await lines.next()).toMatchObject({ value: "started" });
    const redis = new Redis(server.url);
    await vi.waitFor(async () => expect(await redis.pubsub("CHANNELS", "*")).toEqual(["rrq:ts:done:a"]));
    redis.disconnect();
    await disturb(server);
    child.stdin.write("close\n");
    expect(Number((await lines.next()).value)).toBeLessThan(1_500);
    if (child.exitCode === null) await once(child, "exit");
    expect(child.exitCode).toBe(0);
  } finally {
    child.kill("SIGKILL");
  }
});
