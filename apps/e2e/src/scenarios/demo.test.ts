import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ResourceStack } from "@rrq/protocol/runtime";
import { expect, test } from "vitest";
import { type Program, startProgram } from "../program.ts";
import { openTemporaryFolder } from "../temporary-folder.ts";
import { endBearers, newMark } from "../testing/descendants.ts";

const command = [process.execPath, "--import", "tsx", join(import.meta.dirname, "../demo/main.ts")];

/** The demo with a Redis of its own, whatever the machine has. Disposing of it looks that nothing is left. */
async function startDemo(): Promise<AsyncDisposable & { readonly program: Program; leftFiles(): Promise<string[]> }> {
  const opening = new ResourceStack();
  const mark = newMark();
  const folder = opening.use(await openTemporaryFolder());
  opening.defer(() => endBearers(mark));
  const env = { ...process.env, ...mark.env, RRQ_REDIS_DSN: "", TMPDIR: folder.path };
  const program = opening.use(await startProgram(command, { cwd: join(import.meta.dirname, "../.."), env }));
  return {
    program,
    leftFiles: async () => (await readdir(folder.path)).filter((name) => name.startsWith("rrq-")),
    [Symbol.asyncDispose]: () => opening[Symbol.asyncDispose](),
  };
}

test("[design §1] the demo loses no job to the death of a runner process, says so, and leaves nothing behind", async () => {
  await using demo = await startDemo();
  expect(await demo.program.exited).toEqual({ code: 0 });
  const { stdout } = demo.program.output();
  const [, ...figures] = /✓ accepted (\d+) = completed (\d+) \+ dead-lettered (\d+) \+ cancelled (\d+)/.exec(stdout) ?? [];
  const [accepted = 0, completed = 0, deadLettered = 0, cancelled = 0] = figures.map(Number);
  expect(accepted).toBeGreaterThanOrEqual(500);
  expect(completed + deadLettered + cancelled).toBe(accepted);
  expect(stdout).toMatch(/Killed runner process \d+ with SIGKILL/);
  expect(stdout).toContain("✓ no process is left");
  expect(await demo.leftFiles()).toEqual([]);
});

test("Ctrl-C ends the demo in order, in the middle of its jobs", async () => {
  await using demo = await startDemo();
  await demo.program.says(/jobs were accepted/);
  demo.program.signal("SIGINT");
  expect(await demo.program.exited).toEqual({ code: 130 });
  expect(demo.program.output().stdout).toContain("Interrupted. Everything was stopped.");
  expect(await demo.leftFiles()).toEqual([]);
});
