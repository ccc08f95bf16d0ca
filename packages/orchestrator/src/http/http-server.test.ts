import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { silentLog } from "../testing/silent-log.ts";
import type { Health } from "./health.ts";
import { type HttpServer, type HttpServerOptions, startHttpServer } from "./http-server.ts";

const health = (): Health => ({ workerId: "w", phase: "running", redis: "up", runners: [{ name: "a", health: "up" }] });

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
});

async function serve(change: Partial<HttpServerOptions> = {}): Promise<HttpServer & { readonly url: string }> {
  const server = await startHttpServer({ host: "127.0.0.1", port: 0, health, metrics: async () => "m 1\n", log: silentLog, ...change });
  opened.push(server);
  return { ...server, url: `http://127.0.0.1:${server.address.port}` };
}

async function connectTo({ address }: HttpServer): Promise<Socket> {
  const socket = connect(address.port, address.host);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

describe("[design §8] the HTTP endpoint", () => {
  test("answers over HTTP, a HEAD without the body", async () => {
    const { url } = await serve();
    const ready = await fetch(`${url}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: "ready" }]);
    const head = await fetch(`${url}/metrics`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "4", ""]);
  });

  test("listens where it is told to, and only there", async () => {
    const server = await serve({ host: "127.0.0.2" });
    expect(server.address.host).toBe("127.0.0.2");
    await expect(fetch(`http://127.0.0.1:${server.address.port}/live`)).rejects.toThrow();
  });

  test("a port that is taken is CANNOT_LISTEN, with the key", async () => {
    const { address } = await serve();
    await expect(serve({ port: address.port })).rejects.toMatchObject({
      code: "CANNOT_LISTEN",
      message: expect.stringContaining("[rrq.http]") as string,
    });
  });

  test("an answer that fails is a 500, and the next one is well", async () => {
    let broken = true;
    const { url } = await serve({
      metrics: async () => {
        if (broken) throw new Error("broken");
        return "m 2\n";
      },
    });
    expect((await fetch(`${url}/metrics`)).status).toBe(500);
    broken = false;
    expect(await (await fetch(`${url}/metrics`)).text()).toBe("m 2\n");
  });

  test("[design §7] a header beyond the limit ends its own connection only", async () => {
    const server = await serve();
    const socket = await connectTo(server);
    socket.write(`GET /live HTTP/1.1\r\nhost: x\r\nx: ${"x".repeat(10_000)}\r\n\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 431 /);
    expect((await fetch(`${server.url}/live`)).status).toBe(200);
  });

  test("[design §7] connections beyond 64 are hung up on", async () => {
    const server = await serve();
    const sockets = await Promise.all(Array.from({ length: 64 }, () => connectTo(server)));
    const refused = await connectTo(server);
    await once(refused, "close");
    expect(sockets.filter(({ destroyed }) => destroyed)).toEqual([]);
    for (const socket of sockets) socket.destroy();
  });

  test("closes although somebody keeps a connection open; twice is fine", async () => {
    const server = await serve();
    const idle = await connectTo(server);
    const hungUp = once(idle, "close");
    await Promise.all([server.close(), server.close()]);
    await hungUp;
    await server.close();
    await expect(fetch(`${server.url}/live`)).rejects.toThrow();
  });
});
