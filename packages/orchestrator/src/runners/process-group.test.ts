import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { SCRIPTED_RUNNER } from "../testing/pool-stand.ts";
import { groupRuns, killAtExit, signalGroup } from "./process-group.ts";

const PROGRAM = fileURLToPath(new URL("../testing/end-with-runner.ts", import.meta.url));

test.each<[string, string, number]>([
  ["process.exit()", "exit", 5],
  ["an uncaught exception", "throw", 1],
])("[trap 40] when we end by %s, no runner stays behind", async (_title, how, code) => {
  const args = ["--conditions=@rrq/source", "--import", "tsx", PROGRAM, SCRIPTED_RUNNER, how];
  const ended = await promisify(execFile)(process.execPath, args).catch((error: unknown) => error as { code: number; stdout: string });
  expect(ended).toMatchObject({ code });
  const pid = Number(ended.stdout);
  expect(pid).toBeGreaterThan(0);
  expect(groupRuns(pid)).toBe(false);
}, 20_000);

test("the hook on our exit is there only while it has something to kill", () => {
  const before = process.listenerCount("exit");
  const nobody = 2 ** 30; // above every process id
  const letLive = [killAtExit(nobody), killAtExit(nobody + 1)];
  expect(process.listenerCount("exit")).toBe(before + 1);
  for (const one of letLive) one();
  for (const one of letLive) one();
  expect(process.listenerCount("exit")).toBe(before);
});

test("a group that does not exist does not run, and gets no signal", () => {
  expect(groupRuns(2 ** 30)).toBe(false);
  expect(signalGroup(2 ** 30, "SIGTERM")).toBe(false);
});
