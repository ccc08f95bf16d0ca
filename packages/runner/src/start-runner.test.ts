import { once } from "node:events";
import { createServer, Server } from "node:net";
import { outcome } from "@rrq/protocol";
import { describe, expect, test, vi } from "vitest";
import { SHUTTING_DOWN } from "./abort-reasons.ts";
import { createRegistry } from "./registry.ts";
import { startRunner } from "./start-runner.ts";
import { keptLog } from "./test-support/lines.ts";
import { buildRequest } from "./test-support/requests.ts";
import { RunnerBench } from "./test-support/runner-bench.ts";
import { SocketClient } from "./test-support/socket-client.ts";

describe("[runner §2] starting", () => {
  test("tells the address with the port that the system picked", async () => {
    await using bench = await RunnerBench.open();
    expect(bench.runner.address).toEqual({ host: "127.0.0.1", port: expect.any(Number) as number });
    expect(bench.runner.address.port).toBeGreaterThan(0);
  });

  test("[design §7] listens beyond loopback once that is allowed", async () => {
    await using bench = await RunnerBench.open(undefined, { tcpSocket: "0.0.0.0:0", allowedHosts: ["0.0.0.0"] });
    const client = await SocketClient.open({ host: "127.0.0.1", port: bench.runner.address.port });
    client.request(buildRequest("echo"));
    expect((await client.response()).outcome.type).toBe("success");
    await client.close();
  });

  test("a port in use is an error with a code and the address", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    await expect(startRunner(createRegistry(), { tcpSocket: `127.0.0.1:${port}` })).rejects.toThrow(
      expect.objectContaining({ code: "CANNOT_LISTEN", message: expect.stringContaining(`127.0.0.1:${port}`) as string }),
    );
    other.close();
  });

  test.each<[string, object]>([
    ["an address without a port", { tcpSocket: "127.0.0.1" }],
    ["a drain of less than nothing", { drainMs: -1 }],
    ["a grace that is no number", { abortGraceMs: Number.NaN }],
    ["no slot", { maxInFlight: 0 }],
  ])("%s is refused", async (_title, options) => {
    await expect(startRunner(createRegistry(), { tcpSocket: "127.0.0.1:0", ...options })).rejects.toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });

  test("[runner §10] maxInFlight queues over all connections", async () => {
    await using bench = await RunnerBench.open(undefined, { maxInFlight: 1 });
    const [one, two] = [await bench.connect(), await bench.connect()];
    one.request(buildRequest("hold", { jobId: "a" }));
    const job = await bench.holding("a");
    two.request(buildRequest("hold", { jobId: "b" }), buildRequest("echo"));
    one.request(buildRequest("nope"));
    expect(bench.held.has("b")).toBe(false);
    job.resolve(1);
    expect((await one.response()).jobId).toBe("a");
    (await bench.holding("b")).resolve(2);
    expect((await two.responses(2)).map(({ outcome: told }) => told.type)).toEqual(["success", "success"]);
    expect((await one.response()).outcome.type).toBe("handler_not_found");
  });
});

test("[trap 43] an error of accept is told, once a second at most, and ends nothing", async () => {
  const listen = vi.spyOn(Server.prototype, "listen");
  await using bench = await RunnerBench.open();
  const server = listen.mock.contexts[0] as Server;
  listen.mockRestore();
  for (const pauseMs of [0, 0, 999, 1, 0]) {
    await bench.clock.advance(pauseMs);
    server.emit("error", new Error("accept EMFILE"));
  }
  expect(bench.lines.map(({ message, fields }) => [message, fields["error"]])).toEqual([
    ["accepting a connection failed", "accept EMFILE"],
    ["accepting a connection failed", "accept EMFILE"],
  ]);
  const client = await bench.connect();
  client.request(buildRequest("echo"));
  expect((await client.response()).outcome.type).toBe("success");
});

describe("[runner §7] draining and closing", () => {
  test("[trap 38] drain lets jobs in flight end, takes no connection and answers further requests as busy", async () => {
    await using bench = await RunnerBench.open();
    const client = await bench.connect();
    client.request(buildRequest("hold", { jobId: "a" }));
    const job = await bench.holding("a");
    let drained = false;
    const draining = bench.runner.drain().then(() => (drained = true));

    await expect(bench.connect()).rejects.toThrow("ECONNREFUSED");
    client.request(buildRequest("echo", { requestId: "late" }));
    expect(await client.response()).toMatchObject({
      requestId: "late",
      outcome: { type: "failure", error: { message: "Runner busy: too many in-flight requests" } },
    });
    expect(drained).toBe(false);
    expect(job.signal.aborted).toBe(false);

    job.resolve("done");
    expect((await client.response()).outcome.type).toBe("success");
    await draining;
  });

  test("drain sends those away that wait for a slot: another runner may have one", async () => {
    await using bench = await RunnerBench.open(undefined, { maxInFlight: 1 });
    const client = await bench.connect();
    client.request(buildRequest("hold", { jobId: "a" }), buildRequest("echo", { jobId: "b" }));
    const job = await bench.holding("a");
    const draining = bench.runner.drain();
    expect(await client.response()).toMatchObject({
      jobId: "b",
      outcome: { type: "failure", error: { message: "Runner busy: too many in-flight requests" } },
    });
    job.resolve(null);
    await draining;
  });

  test("close drains, then aborts with its reason, then answers for what goes on, then ends the connections", async () => {
    await using bench = await RunnerBench.open(undefined, { drainMs: 1_000 });
    const client = await bench.connect();
    client.request(buildRequest("hold", { jobId: "polite" }), buildRequest("hold", { jobId: "deaf" }));
    const [polite, deaf] = [await bench.holding("polite"), await bench.holding("deaf")];
    const closing = bench.runner.close();

    await bench.clock.advance(999);
    expect(polite.signal.aborted).toBe(false);
    await bench.clock.advance(1);
    expect(polite.signal.reason).toBe(SHUTTING_DOWN);
    polite.resolve("unheard");
    expect(await client.response()).toMatchObject({ jobId: "polite", outcome: outcome.cancelled("Runner is shutting down") });

    await bench.clock.advance(2_000);
    expect(await client.response()).toMatchObject({
      jobId: "deaf",
      outcome: outcome.cancelled("Runner is shutting down", { stillRunning: true }),
    });
    await client.closed;
    await closing;
    deaf.resolve(null);
  });

  test("an idle runner closes at once, and its port is free again", async () => {
    await using bench = await RunnerBench.open();
    const client = await bench.connect();
    await bench.runner.close();
    await client.closed;
    await using again = await RunnerBench.open(undefined, { tcpSocket: `127.0.0.1:${bench.runner.address.port}` });
    expect(again.runner.address).toEqual(bench.runner.address);
  });

  test("twice is fine, and disposing closes", async () => {
    const { log } = keptLog();
    const runner = await startRunner(createRegistry(), { tcpSocket: "127.0.0.1:0", log });
    await Promise.all([runner.close(), runner.close(), runner.drain()]);
    await runner[Symbol.asyncDispose]();
  });

  test.each([
    ["from the start", false],
    ["while a close is under way", true],
  ])("with force nobody is waited for: %s", async (_title, underWay) => {
    await using bench = await RunnerBench.open();
    const client = await bench.connect();
    client.request(buildRequest("hold", { jobId: "a" }));
    await bench.holding("a");
    if (underWay) void bench.runner.close();
    await bench.runner.close({ force: true });
    expect(await client.response()).toMatchObject({
      jobId: "a",
      outcome: outcome.cancelled("Runner is shutting down", { stillRunning: true }),
    });
  });

  test("a peer that never ends its side is cut off", async () => {
    await using bench = await RunnerBench.open();
    const client = await bench.connect();
    client.socket.allowHalfOpen = true;
    client.request(buildRequest("echo"));
    await client.response();
    const closing = bench.runner.close();
    await vi.waitFor(() => expect(bench.clock.pending).toBe(1));
    await bench.clock.advance(500);
    await closing;
  });

  test("the answer of a handler that ends while its peer is going away goes nowhere, and nothing fails", async () => {
    await using bench = await RunnerBench.open();
    const client = await bench.connect();
    client.request(buildRequest("hold", { jobId: "a" }));
    const job = await bench.holding("a");
    client.socket.resetAndDestroy();
    await vi.waitFor(() => expect(job.signal.aborted).toBe(true));
    job.resolve("unheard");
    const other = await bench.connect();
    other.request(buildRequest("echo"));
    expect((await other.response()).outcome.type).toBe("success");
  });
});
