import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { listRepositoryFiles } from "./repository-files.ts";
import { openTemporaryFolder } from "./temporary-folder.ts";

const run = promisify(execFile);

async function write(root: string, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), path);
  }
}

test("lists what git tracks and is still there", async () => {
  await using folder = await openTemporaryFolder();
  await write(folder.path, "a.ts", "src/b.ts", "src/gone.ts", "untracked.ts");
  await run("git", ["init", "--quiet"], { cwd: folder.path });
  await run("git", ["add", "a.ts", "src"], { cwd: folder.path });
  await rm(join(folder.path, "src/gone.ts"));
  expect(await listRepositoryFiles(folder.path)).toEqual({ source: "git", paths: ["a.ts", "src/b.ts"] });
});

test("walks the folder where there is no repository, past what is made or fetched", async () => {
  await using folder = await openTemporaryFolder();
  await write(folder.path, "b/c.ts", "a.ts", "node_modules/x/index.js", "b/dist/c.js", ".git/config");
  expect(await listRepositoryFiles(folder.path)).toEqual({ source: "folder", paths: ["a.ts", "b/c.ts"] });
});
