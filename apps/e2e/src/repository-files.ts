import { execFile } from "node:child_process";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Folders that hold what is made or fetched, not written. */
const SKIPPED = new Set([".git", ".turbo", "coverage", "dist", "node_modules"]);

export interface RepositoryFiles {
  /** Relative to the root, sorted. */
  readonly paths: string[];
  /** `folder`: there is no git, or the root is no repository of it. */
  readonly source: "git" | "folder";
}

/** The files of this repository: those that git knows of, else all in the folder but what is made or fetched. */
export async function listRepositoryFiles(root: string): Promise<RepositoryFiles> {
  const tracked = await gitFiles(root);
  if (tracked !== undefined) return { paths: tracked.sort(), source: "git" };
  return { paths: (await filesBelow(root, "")).sort(), source: "folder" };
}

async function gitFiles(root: string): Promise<string[] | undefined> {
  const listing = run("git", ["ls-files", "-z"], { cwd: root, maxBuffer: 64 << 20 });
  const names = await listing.then(({ stdout }) => stdout.split("\0").filter((name) => name !== ""), () => []);
  // In a folder of somebody else's repository git answers too, with nothing.
  if (names.length === 0) return undefined;
  // It lists what was deleted since, too.
  const files = await Promise.all(names.map((name) => isFile(join(root, name))));
  return names.filter((_, index) => files[index]);
}

async function isFile(path: string): Promise<boolean> {
  return lstat(path).then((found) => found.isFile(), () => false);
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const nested = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesBelow(root, path);
    return entry.isFile() ? [path] : [];
  });
  return (await Promise.all(nested)).flat();
}
