import { once } from "node:events";
import { createServer } from "node:net";
import { outcome } from "@rrq/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";
import { NODE_ARGS, Program, programs } from "./test-support/program.ts";
import { buildRequest } from "./test-support/requests.ts";
import { SocketClient } from "./test-support/socket-client.ts";

/** Closed after each test, whatever happened in it. */
let opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const each of opened.reverse()) await each[Symbol.asyncDispose]();
  opened = [];
});

function use<T extends AsyncDisposable>(resource: T): T {
  opened.push(resource);
  return resource;
}

const startRunner = (options: object = {}, env: Record<string, string> = {}, args: readonly string[] = []): Program => {
  const all = { tcpSocket: "127.0.0.1:0", ...options };
  return use(Program.node(programs.runner, args, { RUNNER_OPTIONS: JSON.stringify(all), ...env }));
};

async function connect(address: { host: string; port: number }): Promise<SocketClient> {
  const client = await SocketClient.open(address);
  use({ [Symbol.asyncDispose]: () => client.close() });
  return client;
}

/** A port that nobody listens on at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

describe("[runner §2] the command line of a runner program", () => {
  test.each<[string, string[], string]>([
    ["no address", [], "--tcp-socket must be provided, or RRQ_RUNNER_TCP_SOCKET be set"],
    ["an address without a value", ["--tcp-socket"], "--tcp-socket needs a value: host:port"],
    ["a host beyond loopback", ["--tcp-socket", "10.0.0.1:9000"], "runner tcp_socket host must be localhost, or listed in allowedHosts - got 10.0.0.1"],
    ["[runner §2.1] port 0", ["--tcp-socket=127.0.0.1:0"], "runner tcp_socket port must be > 0"],
  ])("%s: one line on stderr, exit code 2", async (_title, args, message) => {
    const runner = startRunner({ tcpSocket: undefined }, { RRQ_RUNNER_TCP_SOCKET: "" }, args);
    expect(await runner.exit).toEqual({ code: 2, signal: null });
    expect(runner.stderr).toBe(`rrq-runner: ${message}\n`);
    expect(runner.stdout).toBe("");
  });

  test("--help: how to use it on stdout, exit code 0", async () => {
    const runner = startRunner({}, {}, ["--help"]);
    expect(await runner.exit).toEqual({ code: 0, signal: null });
    expect(runner.stdout).toMatch(/^Usage: .*--tcp-socket/);
    expect(runner.stderr).toBe("");
  });

  test.each<[string, (address: string) => [string[], Record<string, string>]]>([
    ["[runner §1] two arguments at the end, behind the program's own", (address) => [["serve", "-v", "--tcp-socket", address], {}]],
    ["one argument", (address) => [[`--tcp-socket=${address}`], {}]],
    ["[wire §10] the variable of 0.9.14", (address) => [[], { RRQ_RUNNER_TCP_SOCKET: address }]],
  ])("an address is taken from: %s", async (_title, how) => {
    const address = `127.0.0.1:${await freePort()}`;
    const [args, env] = how(address);
    const runner = startRunner({}, env, args);
    const { host, port } = await runner.address();
    expect(`${host}:${port}`).toBe(address);
    const client = await connect({ host, port });
    client.request(buildRequest("echo"));
    expect((await client.response()).outcome.type).toBe("success");
  });

  test("a port in use: one line on stderr, exit code 1", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    use({ [Symbol.asyncDispose]: async () => void taken.close() });
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    const runner = startRunner({}, {}, ["--tcp-socket", `127.0.0.1:${port}`]);
    expect(await runner.exit).toEqual({ code: 1, signal: null });
    expect(runner.stderr).toMatch(new RegExp(`^rrq-runner: cannot listen on 127.0.0.1:${port}: .*EADDRINUSE.*\n$`));
  });

  test("[telemetry §2] RUST_LOG sets how much is told", async () => {
    const port = await freePort();
    const runner = startRunner({}, { RUST_LOG: "error" }, ["--tcp-socket", `127.0.0.1:${port}`]);
    await vi.waitFor(() => connect({ host: "127.0.0.1", port }), { timeout: 10_000 });
    runner.child.kill("SIGTERM");
    expect(await runner.exit).toEqual({ code: 0, signal: null });
    expect(runner.stderr).toBe("");
  });
});

describe("[runner §7] signals", () => {
  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("[trap 38] %s: jobs in flight end and are answered for, then exit code 0", async (signal) => {
    const runner = startRunner({ close: "log" });
    const client = await connect(await runner.address());
    client.request(buildRequest("sleep", { jobId: "a", params: { ms: 300 } }));
    client.request(buildRequest("echo", { jobId: "b" }));
    await client.response();
    runner.child.kill(signal);
    await runner.told(/runner ends after a signal/);
    client.request(buildRequest("echo", { jobId: "late" }));
    expect(await client.response()).toMatchObject({ jobId: "late", outcome: { type: "failure", error: { message: "Runner busy: too many in-flight requests" } } });
    expect(await client.response()).toMatchObject({ jobId: "a", outcome: { type: "success" } });
    expect(await runner.exit).toEqual({ code: 0, signal: null });
    expect(runner.stderr).toMatch(/closed pools\n$/);
  });

  test("what does not end within the grace is aborted and answered for", async () => {
    const runner = startRunner({ drainMs: 100 });
    const client = await connect(await runner.address());
    client.request(buildRequest("sleep", { params: { ms: 60_000 } }), buildRequest("echo"));
    await client.response();
    runner.child.kill("SIGTERM");
    expect((await client.response()).outcome).toEqual(outcome.cancelled("Runner is shutting down"));
    expect(await runner.exit).toEqual({ code: 0, signal: null });
  });

  test("a second signal cuts the waiting", async () => {
    const runner = startRunner({ drainMs: 60_000, close: "hang" });
    const client = await connect(await runner.address());
    client.request(buildRequest("deaf"), buildRequest("echo"));
    await client.response();
    runner.child.kill("SIGTERM");
    await runner.told(/runner ends after a signal/);
    runner.child.kill("SIGINT");
    expect((await client.response()).outcome).toMatchObject({ type: "cancelled", stillRunning: true });
    expect(await runner.exit).toEqual({ code: 0, signal: null });
  });

  test("[trap 40] a signal while it starts ends it", async () => {
    const runner = startRunner();
    runner.child.kill("SIGTERM");
    await runner.exit;
  });

  test("onClose that fails is told, and exit code 1", async () => {
    const runner = startRunner({ close: "throw" });
    await runner.address();
    runner.child.kill("SIGTERM");
    expect(await runner.exit).toEqual({ code: 1, signal: null });
    expect(runner.stderr).toContain("pools are stuck");
  });
});

describe("an error that belongs to no handler's promise", () => {
  test.each(["throw outside", "reject outside"])("%s: it is told with its job, others end and are answered for, exit code 1", async (functionName) => {
    const runner = startRunner({ drainMs: 1_000 });
    const client = await connect(await runner.address());
    client.request(buildRequest("sleep", { jobId: "neighbour", params: { ms: 200 } }));
    client.request(buildRequest(functionName, { jobId: "culprit" }));
    const responses = await client.responses(2);
    expect(responses.find(({ jobId }) => jobId === "neighbour")?.outcome.type).toBe("success");
    expect(await runner.exit).toEqual({ code: 1, signal: null });
    const [line = ""] = /.*runner ends after an uncaught error.*/.exec(runner.stderr) ?? [];
    expect(JSON.parse(line)).toMatchObject({ level: "ERROR", fields: { "rrq.job_id": "culprit", error: expect.stringContaining("outside") as string } });
  });
});

describe("[runner §6] the parent guard", () => {
  const command = [process.execPath, ...NODE_ARGS, programs.runner];
  const untold = ["env", "-u", "RRQ_RUNNER_PARENT_PID", ...command];

  /** A runner under an orchestrator, which ends with the test even if it outlives the orchestrator. */
  async function managed(start: readonly string[], options: object = {}): Promise<{ orchestrator: Program; client: SocketClient }> {
    const env = { RUNNER_OPTIONS: JSON.stringify({ tcpSocket: "127.0.0.1:0", ...options }) };
    const orchestrator = use(Program.node(programs.orchestrator, start, env));
    const [, group] = await orchestrator.told(/runner's process group: (\d+)/);
    use({ [Symbol.asyncDispose]: async () => killGroup(Number(group)) });
    return { orchestrator, client: await connect(await orchestrator.address()) };
  }

  function killGroup(pid: number): void {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }

  test.each<[string, string[], object, RegExp]>([
    ["its child", command, {}, /rrq-runner exiting after parent PID changed \(\d+ -> \d+\)/],
    ["a child of a wrapper", ["sh", "-c", `${command.join(" ")}; exit $?`], {}, /rrq-runner exiting after the orchestrator \(PID \d+\) is not alive/],
    ["its child, told nothing, but wants it", untold, { parentGuard: true }, /rrq-runner exiting after parent PID changed/],
  ])("[trap 39] a runner that is %s ends when the orchestrator is killed, and its port is free", async (_title, start, options, told) => {
    const { orchestrator, client } = await managed(start, options);
    const { remotePort: port = 0 } = client.socket;
    orchestrator.child.kill("SIGKILL");
    await client.closed;
    await orchestrator.exit;
    expect(orchestrator.stderr).toMatch(told);
    await expect(SocketClient.open({ host: "127.0.0.1", port })).rejects.toThrow("ECONNREFUSED");
  });

  test.each<[string, string[], object]>([
    ["that switched it off", command, { parentGuard: false }],
    ["that no orchestrator of ours started", untold, {}],
  ])("a runner %s lives on", async (_title, start, options) => {
    const { orchestrator, client } = await managed(start, options);
    orchestrator.child.kill("SIGKILL");
    await once(orchestrator.child, "exit");
    // Longer than two looks at the parent.
    client.request(buildRequest("sleep", { params: { ms: 600 } }));
    expect((await client.response()).outcome.type).toBe("success");
  });

  test("a runner whose orchestrator died while it started does not start", async () => {
    const dead = use(new Program(process.execPath, ["-e", ""]));
    await dead.exit;
    const runner = startRunner({}, { RRQ_RUNNER_PARENT_PID: String(dead.child.pid) });
    expect(await runner.exit).toEqual({ code: 1, signal: null });
    expect(runner.stderr).toBe("rrq-runner: runner parent is not alive (startup)\n");
  });
});

test("[trap 43] out of file descriptors: the runner goes on accepting when some are free again", async () => {
  const limited = [process.execPath, ...NODE_ARGS, programs.runner].join(" ");
  const runner = use(new Program("sh", ["-c", `ulimit -n 60; exec ${limited}`], { RUNNER_OPTIONS: JSON.stringify({ tcpSocket: "127.0.0.1:0" }) }));
  const address = await runner.address();
  const many = await Promise.all(Array.from({ length: 100 }, () => connect(address)));
  await Promise.race(many.map((client) => client.closed));
  await Promise.all(many.map((client) => client.close()));
  const told = async (): Promise<void> => {
    const client = await connect(address);
    client.request(buildRequest("echo"));
    expect((await client.response()).outcome.type).toBe("success");
  };
  await vi.waitFor(told, { timeout: 10_000 });
});
