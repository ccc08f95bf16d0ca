import { expect, test } from "vitest";
import { startProgram } from "../program.ts";
import { endBearers, newMark } from "./descendants.ts";
import { eventually } from "./eventually.ts";

test("a process that outlives the one that started it is found, told and ended", async () => {
  const mark = newMark();
  await using parent = await startProgram(["sh", "-c", "sleep 600 >&- 2>&- & echo started"], { env: { ...process.env, ...mark.env } });
  await parent.says(/started/);
  await parent.exited;
  await expect(endBearers(mark, 100)).rejects.toThrow(/left behind:\n\d+ sleep 600/);
  await eventually(async () => expect(await mark.bearers()).toEqual([]));
});

test("nobody who bears another mark is meant", async () => {
  const [mine, other] = [newMark(), newMark()];
  await using program = await startProgram(["sleep", "600"], { env: { ...process.env, ...other.env } });
  await endBearers(mine, 100);
  expect(await other.bearers()).toEqual([expect.stringContaining(`${program.pid} `)]);
});
