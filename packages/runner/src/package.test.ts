import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** Names of all packages that the package in `folder` brings along. */
function tree(folder: string, seen = new Set<string>()): Set<string> {
  for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
    if (seen.has(name)) continue;
    seen.add(name);
    const places = createRequire(join(folder, "package.json")).resolve.paths(name) ?? [];
    const place = places.find((at) => existsSync(join(at, name, "package.json")));
    if (place === undefined) throw new Error(`${name} is not installed for ${folder}`);
    // Its own dependencies are beside where it really lies.
    tree(realpathSync(join(place, name)), seen);
  }
  return seen;
}

test("[design §4] the only dependency is @rrq/protocol, and no Redis client is anywhere below it", () => {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  expect(Object.keys(manifestOf(folder).dependencies ?? {})).toEqual(["@rrq/protocol"]);
  const names = [...tree(folder)];
  expect(names).toContain("zod");
  expect(names.filter((name) => /redis|valkey/.test(name))).toEqual([]);
});
