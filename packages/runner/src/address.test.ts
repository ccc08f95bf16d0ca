import { RrqError } from "@rrq/protocol";
import { describe, expect, test } from "vitest";
import { formatAddress, parseAddress } from "./address.ts";

const strict = { allowedHosts: [], ephemeral: false };

describe("[runner §2.1] the address of a runner", () => {
  test.each<[string, string, number]>([
    ["127.0.0.1:9911", "127.0.0.1", 9911],
    ["localhost:9911", "127.0.0.1", 9911],
    ["127.8.9.10:1", "127.8.9.10", 1],
    ["[::1]:65535", "::1", 65_535],
    ["::1:9911", "::1", 9911],
    ["  127.0.0.1:9911\n", "127.0.0.1", 9911],
    ["127.0.0.1:00080", "127.0.0.1", 80],
  ])("%j is understood", (text, host, port) => {
    expect(parseAddress(text, strict)).toEqual({ host, port });
  });

  test.each<[string, string, string]>([
    ["nothing", "", "runner tcp_socket cannot be empty"],
    ["blanks", "  ", "runner tcp_socket cannot be empty"],
    ["no colon", "localhost", "runner tcp_socket must be in host:port format"],
    ["a bracket that does not close", "[::1", "runner tcp_socket must be in [host]:port format"],
    ["brackets without a port", "[::1]", "runner tcp_socket must be in [host]:port format"],
    ["no host", ":9911", "runner tcp_socket host cannot be empty"],
    ["no host in brackets", "[]:9911", "runner tcp_socket host cannot be empty"],
    ["no port", "localhost:", "Invalid runner tcp_socket port: "],
    ["a port with a tail", "localhost:9915abc", "Invalid runner tcp_socket port: 9915abc"],
    ["a port over the range", "localhost:65536", "Invalid runner tcp_socket port: 65536"],
    ["a negative port", "localhost:-1", "Invalid runner tcp_socket port: -1"],
    ["port 0", "localhost:0", "runner tcp_socket port must be > 0"],
    ["a name", "example.com:9911", "Invalid runner tcp_socket host: example.com"],
    ["localhost in capitals", "LOCALHOST:9911", "Invalid runner tcp_socket host: LOCALHOST"],
    ["an address beyond loopback", "10.0.0.1:9911", "runner tcp_socket host must be localhost"],
    ["all interfaces", "0.0.0.0:9911", "runner tcp_socket host must be localhost"],
    ["all interfaces of IPv6", "[::]:9911", "runner tcp_socket host must be localhost"],
  ])("%s is refused with upstream's words", (_title, text, message) => {
    const parse = (): unknown => parseAddress(text, strict);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ name: "RrqError", code: "INVALID_ARGUMENT" }));
  });

  test.each(["0.0.0.0:9911", "10.0.0.1:9911", "[::]:9911", "[FE80::1]:9911", "Runner.Internal:9911"])(
    "[design §7] %s is listened on once its host is allowed",
    (text) => {
      const rules = { ephemeral: false, allowedHosts: ["0.0.0.0", "10.0.0.1", "::", "fe80::1", "runner.internal"] };
      expect(parseAddress(text, rules).port).toBe(9911);
    },
  );

  test("[design §7] allowing one host allows no other", () => {
    expect(() => parseAddress("10.0.0.2:9911", { allowedHosts: ["10.0.0.1"], ephemeral: false })).toThrow(RrqError);
  });

  test("a program's own code may ask for any free port", () => {
    expect(parseAddress("127.0.0.1:0", { allowedHosts: [], ephemeral: true })).toEqual({ host: "127.0.0.1", port: 0 });
  });

  test.each([
    [{ host: "127.0.0.1", port: 9911 }, "127.0.0.1:9911"],
    [{ host: "::1", port: 9911 }, "[::1]:9911"],
  ])("%j is written so that it can be read again", (address, text) => {
    expect(formatAddress(address)).toBe(text);
    expect(parseAddress(text, strict)).toEqual(address);
  });
});
