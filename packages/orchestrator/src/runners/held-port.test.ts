import { once } from "node:events";
import { createServer } from "node:net";
import { freePort } from "@rrq/private-redis";
import { describe, expect, test } from "vitest";
import { holdFirst, LOOPBACK, portsFor } from "./held-port.ts";

const first = (ports: Iterable<number>, count: number): number[] => {
  const found: number[] = [];
  for (const port of ports) if (found.push(port) === count) break;
  return found;
};

describe("[trap 39] a taken port is stepped over", () => {
  test.each<[string, { tcpPort: number; poolSize: number }, number, number[]]>([
    ["each process has a port of its own first, then those past the pool's", { tcpPort: 9000, poolSize: 3 }, 1, [9001, 9003, 9004]],
    ["the last process of the pool", { tcpPort: 9000, poolSize: 3 }, 2, [9002, 9003, 9004]],
    ["no port is past the last one", { tcpPort: 65_533, poolSize: 2 }, 0, [65_533, 65_535]],
  ])("%s", (_title, pool, index, ports) => {
    expect(first(portsFor(pool, index), 3)).toEqual(ports);
  });

  test("a search ends", () => {
    expect([...portsFor({ tcpPort: 9000, poolSize: 1 }, 0)].length).toBeLessThan(1_100);
  });

  test("one that somebody listens on", async () => {
    const server = createServer().listen(0, LOOPBACK);
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const other = await freePort();
    const held = await holdFirst([port, other]);
    expect(held?.port).toBe(other);
    held?.release();
    server.close();
    expect(await holdFirst([])).toBe(null);
  });

  test("one that another orchestrator holds for its runner, which does not listen yet; let go, it can be had again", async () => {
    const port = await freePort();
    const mine = await holdFirst([port]);
    expect(mine?.port).toBe(port);
    expect(await holdFirst([port])).toBe(null);
    mine?.release();
    mine?.release();
    const again = await holdFirst([port]);
    expect(again?.port).toBe(port);
    again?.release();
  });

  test("a port that is held can be listened on, by the runner that it is held for", async () => {
    const held = await holdFirst([await freePort()]);
    const runner = createServer().listen(held?.port, LOOPBACK);
    await once(runner, "listening");
    runner.close();
    held?.release();
  });
});
