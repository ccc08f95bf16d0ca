import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { differences } from "./differences.ts";

test("the orchestrator's README has every difference of the end states", async () => {
  const readme = await readFile(join(import.meta.dirname, "../../../../packages/orchestrator/README.md"), "utf8");
  const rows = differences
    .filter(({ upstream }) => upstream !== "(the same)")
    .map(({ upstream, ours, why }) => `| ${upstream} | ${ours} | ${why} |`);
  expect(rows.filter((row) => !readme.includes(row))).toEqual([]);
});
