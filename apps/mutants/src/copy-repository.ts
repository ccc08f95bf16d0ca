import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** A copy of the repository that may be changed. */
export interface Copy extends AsyncDisposable {
  readonly root: string;
}

const run = promisify(execFile);

/** Copies what git tracks or would track, and links what is installed. */
export async function copyRepository(root: string): Promise<Copy> {
  const copy = await mkdtemp(join(tmpdir(), "rrq-mutants-"));
  const { stdout } = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, maxBuffer: 2 ** 26 });
  const files = stdout.split("\n").filter((file) => file !== "");
  for (const file of files) {
    // One that is deleted in the working tree is still listed.
    await cp(join(root, file), join(copy, file), { recursive: true }).catch(() => undefined);
  }
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  const members = new Set(files.filter((file) => /^(apps|packages)\/[^/]+\/package\.json$/.test(file)).map(dirname));
  for (const member of members) {
    // Links that are relative lead from the copy into the copy.
    await cp(join(root, member, "node_modules"), join(copy, member, "node_modules"), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.includes(".vite"),
    });
  }
  return { root: copy, [Symbol.asyncDispose]: () => rm(copy, { recursive: true, force: true }) };
}
