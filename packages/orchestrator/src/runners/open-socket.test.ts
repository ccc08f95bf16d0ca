import dns from "node:dns";
import { once } from "node:events";
import { createServer } from "node:net";
import { freePort } from "@rrq/private-redis";
import { ManualClock } from "@rrq/protocol/runtime";
import { afterEach, expect, test, vi } from "vitest";
import { openRunnerPeer } from "../testing/runner-peer.ts";
import { addressOf, openSocket, openSockets, reachSockets, reasonOf } from "./open-socket.ts";

const never = new AbortController().signal;
const LOCAL = "127.0.0.1";
afterEach(() => vi.restoreAllMocks());

test.each([
  ["127.0.0.1", "127.0.0.1:9000"],
  ["runner.test", "runner.test:9000"],
  ["::1", "[::1]:9000"],
])("[config §4.2] %s is written %s", (host, address) => {
  expect(addressOf({ host, port: 9000 })).toBe(address);
});

test.each<[string, unknown, string]>([
  ["its message", new Error("refused"), "refused"],
  ["its code, if several addresses failed and there is no message", Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
  ["its name, if there is nothing else", new TypeError(""), "TypeError"],
  ["what was thrown, if it is no error", "down", "down"],
])("of an error that is told: %s", (_title, error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});

test("a signal that has fired opens nothing, one that fires ends the attempt", async () => {
  await using peer = await openRunnerPeer();
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  await expect(openSocket({ host: LOCAL, port: peer.port }, stop.signal)).rejects.toThrow("enough");
  expect(peer.connections).toBe(0);
});

test("as many sockets as are asked for", async () => {
  await using peer = await openRunnerPeer();
  const sockets = await openSockets({ host: LOCAL, port: peer.port }, 3, never);
  await vi.waitFor(() => expect(peer.connections).toBe(3));
  for (const socket of sockets) socket.destroy();
});

test("or none: what was opened before one failed is closed", async () => {
  const server = createServer().listen(0, LOCAL);
  await once(server, "listening");
  const hungUp = new Promise<void>((resolve) => server.once("connection", (socket) => socket.resume().once("close", () => resolve())));
  type Tell = (error: Error | null, found?: object[]) => void;
  let lookups = 0;
  vi.spyOn(dns, "lookup").mockImplementation(((_name: string, _options: object, tell: Tell) => {
    if ((lookups += 1) === 1) tell(null, [{ address: LOCAL, family: 4 }]);
    else tell(new Error("unknown name"));
  }) as unknown as typeof dns.lookup);
  const { port } = server.address() as { port: number };
  await expect(openSockets({ host: "runner.test", port }, 2, never)).rejects.toThrow("unknown name");
  await hungUp;
  server.close();
});

test("[trap 12] a runner that still starts is tried again and again, until it listens", async () => {
  const clock = new ManualClock();
  const port = await freePort();
  const onAttempt = vi.fn();
  const reached = reachSockets({ host: LOCAL, port }, 2, { withinMs: 10_000, clock, signal: never, onAttempt });
  await vi.waitFor(() => expect(onAttempt).toHaveBeenCalledTimes(1));
  await using peer = await openRunnerPeer({ port });
  await vi.waitFor(async () => {
    await clock.advance(200);
    expect(peer.connections).toBe(2);
  });
  for (const socket of await reached) socket.destroy();
  expect(clock.pending).toBe(0);
});

test("[trap 12] when its time is over, the last reason is told", async () => {
  const clock = new ManualClock();
  const onAttempt = vi.fn();
  const reached = reachSockets({ host: LOCAL, port: await freePort() }, 1, { withinMs: 1_000, clock, signal: never, onAttempt });
  const rejection = expect(reached).rejects.toMatchObject({
    code: "RUNNER_UNAVAILABLE",
    message: expect.stringMatching(/^runner socket not ready: .*ECONNREFUSED/) as string,
  });
  await vi.waitFor(async () => {
    await clock.advance(100);
    expect(onAttempt.mock.calls.length).toBeGreaterThan(2);
  });
  await clock.advance(1_000);
  await rejection;
  expect(clock.pending).toBe(0);
});
