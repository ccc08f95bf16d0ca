import { describe, expect, test } from "vitest";
import { type Command, parseCommandLine } from "./command-line.ts";

const at = (tcpSocket: string): Command => ({ kind: "run", tcpSocket });
const variable = { RRQ_RUNNER_TCP_SOCKET: "127.0.0.1:2" };

describe("[runner §2] arguments and environment", () => {
  test.each<[string, string[], Record<string, string>, string | undefined, Command]>([
    ["two arguments", ["--tcp-socket", "127.0.0.1:1"], {}, undefined, at("127.0.0.1:1")],
    ["one argument with =", ["--tcp-socket=127.0.0.1:1"], {}, undefined, at("127.0.0.1:1")],
    ["[runner §9] the variable of 0.9.14", [], variable, undefined, at("127.0.0.1:2")],
    ["the argument before the variable", ["--tcp-socket", "127.0.0.1:1"], variable, undefined, at("127.0.0.1:1")],
    ["the program's own address last", [], {}, "127.0.0.1:3", at("127.0.0.1:3")],
    ["the variable before the program's own address", [], variable, "127.0.0.1:3", at("127.0.0.1:2")],
    ["an empty variable is none", [], { RRQ_RUNNER_TCP_SOCKET: "" }, "127.0.0.1:3", at("127.0.0.1:3")],
    ["[runner §1] the last one counts: an orchestrator appends its own", ["--tcp-socket=a:1", "--tcp-socket", "b:2"], {}, undefined, at("b:2")],
    ["[runner §10] arguments of the program's own are left alone", ["serve", "--color", "-v", "--tcp-socket", "a:1", "x"], {}, undefined, at("a:1")],
    ["an empty argument goes to the grammar of addresses", ["--tcp-socket="], variable, undefined, at("")],
    ["help", ["--help"], {}, undefined, { kind: "help" }],
    ["help in short", ["-h"], {}, undefined, { kind: "help" }],
  ])("%s", (_title, args, env, fallback, expected) => {
    expect(parseCommandLine(args, env, fallback)).toEqual(expected);
  });

  test.each<[string, string[], RegExp]>([
    ["no address at all", [], /--tcp-socket must be provided/],
    ["an argument without its value", ["--tcp-socket"], /--tcp-socket needs a value/],
  ])("%s is a usage error that says what to do", (_title, args, message) => {
    expect(parseCommandLine(args, {})).toEqual({ kind: "usage-error", message: expect.stringMatching(message) as string });
  });
});
