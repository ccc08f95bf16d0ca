import { systemClock } from "@rrq/protocol/runtime";
import { describe, expect, test } from "vitest";
import { runPreRestart } from "./pre-restart.ts";

const node = (code: string) => [process.execPath, "-e", code];

function run(commands: readonly (readonly string[])[], timeoutMs: number | null = null) {
  const ran: string[] = [];
  const answer = runPreRestart({
    commands,
    cwd: process.cwd(),
    timeoutMs,
    signal: new AbortController().signal,
    onCommand: (command) => ran.push(command.at(-1) ?? ""),
    clock: systemClock,
  });
  return { ran, answer };
}

describe("[orchestrator §14] commands before a start", () => {
  test("all run, in order", async () => {
    const { ran, answer } = run([node("1"), node("2")]);
    expect(await answer).toBeNull();
    expect(ran).toEqual(["1", "2"]);
  });

  test("the first that fails is told, and ends it", async () => {
    const { ran, answer } = run([node("1"), node("process.exit(3)"), node("2")]);
    expect(await answer).toContain("failed with status 3 (idx=1");
    expect(ran).toEqual(["1", "process.exit(3)"]);
  });

  test("one that takes too long is ended", async () => {
    expect(await run([node("setInterval(() => {}, 1000)")], 100).answer).toContain("timed out after 0.100s (idx=0");
  });

  test("one that does not exist", async () => {
    expect(await run([["no-such-program-of-ours"]]).answer).toContain("cannot be run");
  });
});
