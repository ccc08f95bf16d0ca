import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import type { RunnerSettings } from "./settings.ts";
import { errorOf, parse, runnerOf, settingsOf } from "./testing/parse.ts";

describe("runners", () => {
  const whole: RunnerSettings = {
    name: "p",
    cmd: ["x"],
    poolSize: 2,
    maxInFlight: 3,
    env: { A: "b" },
    cwd: "dir",
    tcpHost: "127.0.0.1",
    tcpPort: 9000,
    allowedHosts: ["h"],
    responseTimeoutSeconds: 1.5,
  };

  test("every key of a runner, and its default [config §3.2]", () => {
    const full = `[runners.p]
      type = "socket"
      cmd = ["x"]
      pool_size = 2
      max_in_flight = 3
      env = { A = "b" }
      cwd = "dir"
      tcp_host = "localhost"
      tcp_port = 9000
      allowed_hosts = ["h"]
      response_timeout_seconds = 1.5`;
    expect(runnerOf(full)).toStrictEqual(whole);
    expect(runnerOf('[runners.p]\ncmd = ["x"]\ntcp_port = 9000')).toStrictEqual({
      ...{ name: "p", cmd: ["x"], tcpHost: "127.0.0.1", tcpPort: 9000 },
      ...{ poolSize: availableParallelism(), maxInFlight: 1, env: {}, cwd: null, allowedHosts: [], responseTimeoutSeconds: null },
    });
  });

  test("what upstream loads and cannot run with: no limit is no limit, 65 in flight are fine [config §3.2]", () => {
    const text = '[runners.p]\ncmd = []\ntcp_port = 7\npool_size = 1\nmax_in_flight = 65\nresponse_timeout_seconds = -1\ntcp_host = "10.0.0.1"';
    expect(runnerOf(text)).toMatchObject({ cmd: [], maxInFlight: 65, responseTimeoutSeconds: null, tcpHost: "127.0.0.1" });
    expect(errorOf(text, { for: "worker" })).toMatch(/^rrq\.toml:2:7: runners\.p\.cmd is empty; it takes the command/);
  });

  test("a managed runner listens on this machine, whatever is written [config §4.1]", () => {
    const { settings, warnings } = parse('[runners.p]\ncmd = ["x"]\ntcp_port = 7\ntcp_host = "foo bar"', { for: "worker" });
    expect(settings.runners.get("p")?.tcpHost).toBe("127.0.0.1");
    expect(warnings).toStrictEqual(["rrq.toml:4:12: runners.p.tcp_host is ignored: managed runners listen on 127.0.0.1."]);
  });

  test.each(["localhost", "127.0.0.1", "::1", " ", ""])("managed tcp_host %j is nothing to warn of [config §4.1]", (host) => {
    const text = `[runners.p]\ncmd = ["x"]\ntcp_port = 7\npool_size = 1\ntcp_host = "${host}"`;
    expect(parse(text, { for: "worker" }).warnings).toStrictEqual([]);
  });

  test("an external runner needs no command, and is one endpoint [config §4.2]", () => {
    const text = 'runner_management_mode = "external"\n[runners.p]\ntcp_port = 65535\npool_size = 5\ntcp_host = " localhost "';
    const { settings, warnings } = parse(text, { for: "worker" });
    expect(settings.runners.get("p")).toMatchObject({ cmd: [], poolSize: 1, tcpHost: "127.0.0.1", tcpPort: 65_535 });
    expect(warnings).toStrictEqual(["rrq.toml:4:13: runners.p.pool_size is ignored: an external runner is one endpoint."]);
  });

  test("the mode of the command line wins, both ways [config §2]", () => {
    const withoutCmd = "[runners.p]\ntcp_port = 7";
    expect(settingsOf(withoutCmd, { runnerMode: "external" })).toMatchObject({ runnerManagementMode: "external" });
    expect(errorOf(`runner_management_mode = "external"\n${withoutCmd}`, { runnerMode: "managed" })).toMatch(/p\.cmd is missing/);
  });

  test.each<[host: string, allowed: string, expected: string]>([
    ["", "[]", "127.0.0.1"],
    ["127.0.0.2", "[]", "127.0.0.2"],
    ["::1", "[]", "::1"],
    ["[::1]", "[]", "::1"],
    ["0:0:0:0:0:0:0:1", "[]", "0:0:0:0:0:0:0:1"],
    ["10.0.0.1", '["10.0.0.1"]', "10.0.0.1"],
    ["fd00::1", '["FD00::1"]', "fd00::1"],
    ["Runner.Example", '["runner.example"]', "Runner.Example"],
    ["localhost", "[]", "127.0.0.1"],
    ["LOCALHOST", '["localhost"]', "LOCALHOST"],
  ])("an external runner at %j with allowed_hosts %s is connected to at %j; nothing is resolved [config §4.2]", (host, allowed, expected) => {
    const text = `runner_management_mode = "external"\n[runners.p]\ntcp_port = 7\ntcp_host = "${host}"\nallowed_hosts = ${allowed}`;
    expect(runnerOf(text)?.tcpHost).toBe(expected);
  });

  test.each<[host: string, reason: RegExp]>([
    ["10.0.0.1", /An address beyond this machine must be listed: write allowed_hosts = \["10\.0\.0\.1"\]/],
    ["::ffff:10.0.0.1", /must be listed/],
    ["foo.invalid", /A name must be listed: write allowed_hosts = \["foo\.invalid"\]/],
    ["LOCALHOST", /A name must be listed/],
    ["[x", /of brackets, both or none/],
    ["10.0.0.1:9000", /its port goes into tcp_port/],
  ])("an external runner at %j is refused, and what would allow it is told [config §4.2] [design §7]", (host, reason) => {
    const message = errorOf(`runner_management_mode = "external"\n[runners.p]\ntcp_port = 7\ntcp_host = "${host}"`);
    expect(message).toContain(`rrq.toml:4:12: runners.p.tcp_host is ${JSON.stringify(host)}.`);
    expect(message).toMatch(reason);
  });

  test("65 processes from port 65471 on fit, 66 do not [config §4.3]", () => {
    const text = (size: number): string => `[runners.p]\ncmd = ["x"]\ntcp_port = 65471\npool_size = ${size}`;
    expect(runnerOf(text(65))?.poolSize).toBe(65);
    expect(errorOf(text(66))).toBe(
      "rrq.toml:3:12: runners.p.tcp_port is 65471: the 66 processes of the pool would need ports up to 65536, beyond 65535.",
    );
  });

  test.each<[socket: string, host: string, port: number]>([
    ["127.0.0.1:9000", "127.0.0.1", 9000],
    ["localhost:9000", "127.0.0.1", 9000],
    ["[::1]:9000", "127.0.0.1", 9000],
    [" 127.0.0.1:9000 ", "127.0.0.1", 9000],
  ])("tcp_socket = %j of up to 0.10.7 loads, with a warning [config §3.2] [config §9]", (socket, host, port) => {
    const { settings, warnings } = parse(`[runners.p]\ncmd = ["x"]\npool_size = 1\ntcp_socket = "${socket}"`, { for: "worker" });
    expect(settings.runners.get("p")).toMatchObject({ tcpHost: host, tcpPort: port });
    expect(warnings).toStrictEqual([
      "rrq.toml:4:1: runners.p.tcp_socket is the form of RRQ up to 0.10.7: write tcp_host and tcp_port = 9000.",
    ]);
  });

  test("tcp_socket says where an external runner is, too [config §9]", () => {
    const text = '[runners.p]\ntcp_socket = "[fd00::1]:9000"\nallowed_hosts = ["fd00::1"]';
    expect(runnerOf(text, { runnerMode: "external" })).toMatchObject({ tcpHost: "fd00::1", tcpPort: 9000 });
  });

  test("beside tcp_port, tcp_socket is ignored, with a warning [config §9]", () => {
    const { settings, warnings } = parse('[runners.p]\ncmd = ["x"]\ntcp_port = 7\ntcp_socket = "h:9000"');
    expect(settings.runners.get("p")?.tcpPort).toBe(7);
    expect(warnings).toStrictEqual(["rrq.toml:4:1: runners.p.tcp_socket is ignored beside tcp_port."]);
  });

  test.each(['"h"', '":"', '"h:x"', '"[::1:9"', "9000", '"h:"', '""'])("tcp_socket = %s is refused once [config §9]", (socket) => {
    expect(errorOf(`[runners.p]\ncmd = ["x"]\ntcp_socket = ${socket}`)).toMatch(
      /^rrq\.toml:3:14: runners\.p\.tcp_socket is .*; it takes "host:port" or "\[host\]:port"\. Better write tcp_port\.$/,
    );
  });

  test.each(['"h:0"', '"h:70000"'])("the port of tcp_socket = %s is refused [config §9]", (socket) => {
    expect(errorOf(`[runners.p]\ncmd = ["x"]\ntcp_socket = ${socket}`)).toMatch(/tcp_port is \d+; it takes a port from 1 to 65535/);
  });
});
