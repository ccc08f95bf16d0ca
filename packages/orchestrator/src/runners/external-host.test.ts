import { expect, test } from "vitest";
import { externalHost } from "./external-host.ts";

const LOOPBACK_ONLY = /must be loopback \(127\.0\.0\.1, ::1, or localhost\) for security, or explicitly listed in allowed_hosts - got /;
const NAME = /is not allowed; add it to allowed_hosts$/;

test.each<[tcpHost: string, allowed: string[], host: string]>([
  ["localhost", [], "127.0.0.1"],
  ["127.0.0.1", [], "127.0.0.1"],
  ["127.8.9.10", [], "127.8.9.10"],
  ["::1", [], "::1"],
  ["[::1]", [], "::1"],
  [" 127.0.0.1 ", [], "127.0.0.1"],
  ["10.0.0.7", ["10.0.0.7"], "10.0.0.7"],
  ["[fd00::7]", ["fd00::7"], "fd00::7"],
  ["runner.internal", ["other", "runner.internal"], "runner.internal"],
  ["Runner.Internal", ["runner.INTERNAL"], "Runner.Internal"],
  ["LOCALHOST", ["localhost"], "LOCALHOST"],
])("[config §4.2] %j with allowed_hosts %j is reached at %s", (tcpHost, allowed, host) => {
  expect(externalHost(tcpHost, allowed)).toBe(host);
});

test.each<[tcpHost: string, allowed: string[], message: RegExp]>([
  ["", [], /^tcp_socket host cannot be empty$/],
  ["  ", ["  "], /^tcp_socket host cannot be empty$/],
  ["[]", [], /^tcp_socket host cannot be empty$/],
  ["10.0.0.7", [], LOOPBACK_ONLY],
  ["0.0.0.0", [], LOOPBACK_ONLY],
  ["10.0.0.7", ["10.0.0.70"], LOOPBACK_ONLY],
  ["fd00::7", [], LOOPBACK_ONLY],
  ["::ffff:127.0.0.1", [], LOOPBACK_ONLY],
  ["runner.internal", [], NAME],
  ["127.0.0.1.example.com", [], NAME],
  ["127.1", [], NAME],
  ["LOCALHOST", [], NAME],
  ["runner.internal", ["internal", "runner.internal.example.com"], NAME],
])("[config §4.2] %j with allowed_hosts %j is refused", (tcpHost, allowed, message) => {
  expect(() => externalHost(tcpHost, allowed)).toThrow(expect.objectContaining({ code: "INVALID_CONFIG", message: expect.stringMatching(message) as string }) as Error);
});
