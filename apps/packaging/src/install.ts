import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../../..");

/** A package as it would be published. */
export interface PackedPackage {
  readonly name: string;
  readonly tarball: string;
}

/** An empty folder into which the packed packages were installed, and nothing else but Node's types. */
export interface Consumer {
  readonly folder: string;
  readonly packages: readonly PackedPackage[];
}

declare module "vitest" {
  export interface ProvidedContext {
    readonly consumer: Consumer;
  }
}

/** Vitest's global setup: packs and installs once for all tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "rrq-consumer-"));
  const remove = async (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const packages = await pack(join(folder, "tarballs"));
    await install(folder, packages);
    project.provide("consumer", { folder, packages });
    return remove;
  } catch (error) {
    await remove();
    throw error;
  }
}

async function pack(destination: string): Promise<PackedPackage[]> {
  const { packageManager } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { packageManager: string };
  const { stdout } = await run(
    "npx",
    ["-y", packageManager, "-r", "--filter=./packages/*", "pack", `--pack-destination=${destination}`, "--json"],
    { cwd: ROOT },
  );
  const packed = JSON.parse(stdout) as { name: string; filename: string }[];
  return packed.map(({ name, filename }) => ({ name, tarball: filename }));
}

async function install(folder: string, packages: readonly PackedPackage[]): Promise<void> {
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const manifest = {
    name: "consumer",
    private: true,
    dependencies: tarballs,
    devDependencies: { "@types/node": "^20.19.0" },
    // What the packages need of each other is what was packed, not what is published.
    overrides: Object.fromEntries(packages.map(({ name }) => [name, `$${name}`])),
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
}
