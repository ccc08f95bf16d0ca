import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

const read = (path: string | URL): Manifest => JSON.parse(readFileSync(path, "utf8")) as Manifest;

/** Names of all packages that `manifest` brings along. */
function tree(path: string, seen = new Set<string>()): Set<string> {
  const require = createRequire(path);
  for (const name of Object.keys(read(path).dependencies ?? {})) {
    if (seen.has(name)) continue;
    seen.add(name);
    const folder = require.resolve.paths(name)?.find((at) => exists(`${at}/${name}/package.json`));
    tree(`${folder}/${name}/package.json`, seen);
  }
  return seen;
}

function exists(path: string): boolean {
  try {
    read(path);
    return true;
  } catch {
    return false;
  }
}

test("[design §4] the only dependency is @rrq/protocol, and no Redis client is anywhere below it", () => {
  const manifest = new URL("../package.json", import.meta.url);
  expect(Object.keys(read(manifest).dependencies ?? {})).toEqual(["@rrq/protocol"]);
  const names = [...tree(manifest.pathname)];
  expect(names).toContain("zod");
  expect(names.filter((name) => /redis|valkey/.test(name))).toEqual([]);
});
