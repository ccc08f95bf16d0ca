import dns from "node:dns";
import { freePort } from "@rrq/private-redis";
import { type ExecutionOutcome, outcome } from "@rrq/protocol";
import type { RunnerSettings } from "@rrq/protocol/config";
import { ManualClock } from "@rrq/protocol/runtime";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildRequest } from "../testing/build-request.ts";
import { openRunnerPeer, type RunnerPeer } from "../testing/runner-peer.ts";
import { silentLog } from "../testing/silent-log.ts";
import { openExternalRunner } from "./external-runner.ts";
import type { RunnerPool } from "./runner-pool.ts";

const never = new AbortController().signal;
const CONNECT_MS = 5_000;
const GRACE_MS = 300;
/** As in the keeper. */
const EXIT_LAG_MS = 50;

let clock: ManualClock;
const pools: RunnerPool[] = [];
const peers: RunnerPeer[] = [];
beforeEach(() => {
  clock = new ManualClock(1_000_000);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  for (const peer of peers.splice(0)) await peer[Symbol.asyncDispose]();
  expect(clock.pending).toBe(0);
});

async function listen(at: { port?: number; host?: string } = {}): Promise<RunnerPeer> {
  const peer = await openRunnerPeer(at);
  peers.push(peer);
  return peer;
}

async function open(change: Partial<RunnerSettings>): Promise<RunnerPool> {
  const settings: RunnerSettings = {
    name: "far",
    cmd: [],
    poolSize: 1,
    maxInFlight: 2,
    env: {},
    cwd: null,
    tcpHost: "127.0.0.1",
    tcpPort: 1,
    allowedHosts: [],
    responseTimeoutSeconds: null,
    ...change,
  };
  const pool = await openExternalRunner(settings, { connectTimeoutMs: CONNECT_MS, abortGraceMs: GRACE_MS, clock, log: silentLog });
  pools.push(pool);
  return pool;
}

/** To a peer that listens, once it is connected. */
async function connected(peer: RunnerPeer, change: Partial<RunnerSettings> = {}): Promise<RunnerPool> {
  const pool = await open({ tcpPort: peer.port, ...change });
  await pool.ready();
  return pool;
}

/** What a test does not wait for, its end rejects. */
function execute(pool: RunnerPool, jobId: string, timeoutMs: number | null = 60_000): Promise<ExecutionOutcome> {
  const execution = pool.execute(buildRequest(jobId, "work", timeoutMs), never);
  execution.catch(() => undefined);
  return execution;
}

const only = (pool: RunnerPool) => {
  const [one] = pool.status().processes;
  if (one === undefined) throw new Error("an external runner has one place");
  return one;
};
/** Waits until it has failed, or connected, for the `restarts`-th time after the first. */
const reaches = (pool: RunnerPool, state: "ready" | "waiting", restarts: number) =>
  vi.waitFor(() => expect(only(pool)).toMatchObject({ state, restarts }));
/** Hangs up, and waits until that was seen; of a process of ours the end would be waited for, too. */
async function lose(pool: RunnerPool, peer: RunnerPeer): Promise<void> {
  peer.hangUp();
  await vi.waitFor(() => expect(only(pool).state).toBe("ending"));
  await clock.advance(EXIT_LAG_MS);
  await vi.waitFor(() => expect(only(pool).state).toBe("waiting"));
}
const arrive = (peer: RunnerPeer, ...jobIds: string[]) => vi.waitFor(() => expect(peer.asked.map(({ jobId }) => jobId)).toEqual(jobIds));

describe("[config §4.2] a runner that somebody else runs", () => {
  test("is connected to, and serves", async () => {
    const peer = await listen();
    const pool = await connected(peer);
    expect(pool.status()).toMatchObject({ mode: "external", health: "up", slots: 2, freeSlots: 2 });
    expect(only(pool)).toMatchObject({ pid: null, address: `127.0.0.1:${peer.port}`, lastError: null });
    const execution = execute(pool, "a");
    await arrive(peer, "a");
    expect(pool.freeSlots()).toBe(1);
    peer.answer("a");
    expect(await execution).toMatchObject({ type: "success" });
  });

  test("over 64 slots open more connections", async () => {
    const peer = await listen();
    const pool = await connected(peer, { maxInFlight: 130 });
    await vi.waitFor(() => expect(peer.connections).toBe(3));
    expect(pool.freeSlots()).toBe(130);
  });

  test("a host that is not allowed is refused, with the endpoint", async () => {
    await expect(open({ tcpHost: "10.0.0.7", tcpPort: 9000 })).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringMatching(/^runner 'far' has invalid endpoint '10\.0\.0\.7:9000': tcp_socket host must be loopback/) as string,
    });
  });

  test("an allowed name is looked up anew at each connect: the runner may have moved", async () => {
    const first = await listen({ host: "127.0.0.1" });
    const second = await listen({ host: "127.0.0.2", port: first.port });
    let address = "127.0.0.1";
    vi.spyOn(dns, "lookup").mockImplementation(((_name: string, _options: object, tell: (error: null, found: object[]) => void) => {
      tell(null, [{ address, family: 4 }]);
    }) as unknown as typeof dns.lookup);
    const pool = await connected(first, { tcpHost: "runner.test", allowedHosts: ["runner.test"] });
    expect(only(pool).address).toBe(`runner.test:${first.port}`);
    address = "127.0.0.2";
    await lose(pool, first);
    await clock.advance(100);
    await reaches(pool, "ready", 1);
    expect([first.connections, second.connections]).toEqual([1, 1]);
  });

  test("an attempt to connect has its time", async () => {
    vi.spyOn(dns, "lookup").mockImplementation(() => undefined);
    const pool = await open({ tcpHost: "runner.test", allowedHosts: ["runner.test"] });
    await clock.advance(CONNECT_MS - 1);
    expect(only(pool).state).toBe("starting");
    await clock.advance(1);
    await reaches(pool, "waiting", 0);
    expect(only(pool).lastError).toBe("external runner socket not ready: no answer in 5000 ms");
  });

  test("closing ends an attempt to connect", async () => {
    vi.spyOn(dns, "lookup").mockImplementation(() => undefined);
    const pool = await open({ tcpHost: "runner.test", allowedHosts: ["runner.test"] });
    await pool.close();
    expect(only(pool).state).toBe("closed");
    await expect(pool.execute(buildRequest("a"), never)).rejects.toMatchObject({ code: "CLOSED" });
  });
});

describe("[trap 19] a runner that cannot be reached", () => {
  test("has no slots and takes nothing; the attempts go on, with growing pauses, for ever", async () => {
    const pool = await open({ tcpPort: await freePort() });
    await pool.ready();
    for (const [index, pauseMs] of [100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000].entries()) {
      await reaches(pool, "waiting", index);
      expect(pool.status()).toMatchObject({ health: "down", freeSlots: 0 });
      await clock.advance(pauseMs - 1);
      expect(only(pool)).toMatchObject({ state: "waiting", restarts: index });
      await clock.advance(1);
    }
    await reaches(pool, "waiting", 8);
    await expect(pool.execute(buildRequest("a"), never)).rejects.toMatchObject({
      code: "RUNNER_UNAVAILABLE",
      message: expect.stringMatching(/^runner 'far' takes no requests: external runner socket not ready: .*ECONNREFUSED/) as string,
    });
  });

  test("is served again once it listens, and that is told", async () => {
    const port = await freePort();
    const pool = await open({ tcpPort: port });
    await pool.ready();
    const told = vi.fn();
    pool.onFreeSlot(told);
    await listen({ port });
    await reaches(pool, "waiting", 0);
    await clock.advance(100);
    await reaches(pool, "ready", 1);
    expect(told).toHaveBeenCalled();
    expect(pool.freeSlots()).toBe(2);
  });

  test("one that hangs up: what it had in hand is lost, no slot is offered meanwhile, and it is connected to again", async () => {
    const peer = await listen();
    const pool = await connected(peer);
    const lost = execute(pool, "a");
    await arrive(peer, "a");
    await clock.advance(30_000);
    await lose(pool, peer);
    await expect(lost).rejects.toMatchObject({ code: "RUNNER_LOST" });
    expect(pool.freeSlots()).toBe(0);
    await clock.advance(100);
    await reaches(pool, "ready", 1);
    expect(only(pool).lastError).toBe("runner connection closed");
    expect(peer.connections).toBe(2);
  });
});

describe("[trap 22] a handler that outlives its time, in a process that we cannot end", () => {
  test("keeps its slot until it answers; its neighbours go on", async () => {
    const peer = await listen();
    const pool = await connected(peer);
    const late = execute(pool, "late", 1_000);
    const neighbour = execute(pool, "neighbour");
    await arrive(peer, "late", "neighbour");
    await clock.advance(1_000);
    expect(await late).toMatchObject({ type: "timeout" });
    await vi.waitFor(() => expect(peer.cancelled).toEqual(["late"]));
    await clock.advance(50_000);
    expect(only(pool)).toMatchObject({ state: "ready", stuck: 1, freeSlots: 0 });
    peer.answer("neighbour");
    expect(await neighbour).toMatchObject({ type: "success" });
    expect(pool.freeSlots()).toBe(1);
    peer.answer("late", outcome.cancelled());
    await vi.waitFor(() => expect(pool.freeSlots()).toBe(2));
    expect(peer.connections).toBe(1);
  });

  test("when no slot is left, the connection is made anew", async () => {
    const peer = await listen();
    const pool = await connected(peer);
    const ends = [execute(pool, "a", 1_000), execute(pool, "b", 1_000)];
    await arrive(peer, "a", "b");
    await clock.advance(1_000);
    for (const end of ends) expect(await end).toMatchObject({ type: "timeout" });
    expect(pool.freeSlots()).toBe(0);
    await clock.advance(GRACE_MS);
    await reaches(pool, "ready", 1);
    expect(pool.freeSlots()).toBe(2);
    await vi.waitFor(() => expect(peer.connections).toBe(2));
  });
});

describe("[config §3.2] response_timeout_seconds", () => {
  test("an answer that takes longer: the attempt fails, the handler is told to stop, its slot stays taken until it does", async () => {
    const peer = await listen();
    const pool = await connected(peer, { responseTimeoutSeconds: 2 });
    const execution = execute(pool, "a");
    const rejection = expect(execution).rejects.toMatchObject({ code: "RESPONSE_TIMEOUT", message: "runner response timeout" });
    await arrive(peer, "a");
    await clock.advance(1_999);
    expect(peer.cancelled).toEqual([]);
    await clock.advance(1);
    await rejection;
    await vi.waitFor(() => expect(peer.cancelled).toEqual(["a"]));
    expect(pool.freeSlots()).toBe(1);
    peer.answer("a", outcome.cancelled());
    await vi.waitFor(() => expect(pool.freeSlots()).toBe(2));
  });

  test.each<[string, number, object]>([
    ["the job's own time is shorter", 1_000, { type: "timeout", error: { message: "Job timed out after 1s." } }],
    ["both are over together", 2_000, { type: "timeout" }],
  ])("%s: the job timed out", async (_title, timeoutMs, expected) => {
    const peer = await listen();
    const pool = await connected(peer, { responseTimeoutSeconds: 2 });
    const execution = execute(pool, "a", timeoutMs);
    await arrive(peer, "a");
    await clock.advance(timeoutMs);
    expect(await execution).toMatchObject(expected);
  });

  test("[trap 11] it counts from the moment of sending, also for a job without a limit of its own", async () => {
    const peer = await listen();
    const pool = await connected(peer, { responseTimeoutSeconds: 2 });
    await clock.advance(10_000);
    const execution = execute(pool, "a", null);
    await arrive(peer, "a");
    await clock.advance(1_999);
    peer.answer("a");
    expect(await execution).toMatchObject({ type: "success" });
  });
});
