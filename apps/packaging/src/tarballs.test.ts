import { execFile } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, test } from "vitest";
import { readManifest } from "./entries.ts";

const run = promisify(execFile);
const consumer = inject("consumer");

test("four packages are packed", () => {
  expect(consumer.packages.map(({ name }) => name).sort()).toEqual([
    "@rrq/orchestrator",
    "@rrq/producer",
    "@rrq/protocol",
    "@rrq/runner",
  ]);
});

test("nothing that they bring along runs a script when it is installed", async () => {
  const lock = JSON.parse(await readFile(join(consumer.folder, "package-lock.json"), "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const names = Object.keys(lock.packages);
  expect(names).toContain("node_modules/@rrq/protocol");
  expect(names.filter((name) => lock.packages[name]?.hasInstallScript)).toEqual([]);
});

describe.each(consumer.packages)("$name", ({ name, tarball }) => {
  test("holds what is built, its sources, README and licence, and nothing else", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const files = stdout.trim().split("\n").map((file) => file.replace(/^package\//, ""));
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
    const expected = /^(dist\/.+\.(js|js\.map|d\.ts)|src\/.+\.ts|README\.md|LICENSE|package\.json)$/;
    expect(files.filter((file) => !expected.test(file) || /\.(test|test-d)\.ts$/.test(file))).toEqual([]);
  });

  test("every file that its exports name is there", async () => {
    const { exports } = await readManifest(consumer, name);
    const files = Object.values(exports).flatMap((target) => (typeof target === "string" ? target : Object.values(target)));
    await Promise.all(files.map((file) => access(join(consumer.folder, "node_modules", name, file))));
    expect(files.length).toBeGreaterThan(0);
  });

  test("every source that a source map points to is there", async () => {
    const folder = join(consumer.folder, "node_modules", name);
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const maps = stdout.split("\n").filter((file) => file.endsWith(".js.map")).map((file) => file.replace(/^package\//, ""));
    expect(maps.length).toBeGreaterThan(0);
    for (const map of maps) {
      const { sources } = JSON.parse(await readFile(join(folder, map), "utf8")) as { sources: string[] };
      await Promise.all(sources.map((source) => access(join(folder, map, "..", source))));
    }
  });

  test("depends on its siblings by version", async () => {
    const { dependencies = {}, version } = await readManifest(consumer, name);
    for (const [dependency, range] of Object.entries(dependencies)) {
      expect(range).not.toContain("workspace:");
      if (dependency.startsWith("@rrq/")) expect(range).toBe(`^${version}`);
    }
  });
});
