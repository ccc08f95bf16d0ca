import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { entriesOf } from "./entries.ts";
import { nodeVersions } from "./node-versions.ts";

const run = promisify(execFile);
const consumer = inject("consumer");
const entries = await entriesOf(consumer);

/** Each loads every entry and tells the names that it found: `{ "@rrq/protocol": ["RrqError", …], … }`. */
const PROGRAMS = {
  "import.mjs": `
    const found = {};
    for (const entry of process.argv.slice(2)) found[entry] = Object.keys(await import(entry)).sort();
    console.log(JSON.stringify(found));
  `,
  "require.cjs": `
    const found = {};
    for (const entry of process.argv.slice(2)) found[entry] = Object.keys(require(entry)).sort();
    console.log(JSON.stringify(found));
  `,
};

beforeAll(async () => {
  for (const [file, text] of Object.entries(PROGRAMS)) await writeFile(join(consumer.folder, file), text);
});

/** Ends by itself: an entry that opens something when it is loaded would keep the process alive. */
async function load(node: string, file: keyof typeof PROGRAMS): Promise<Record<string, string[]>> {
  const { stdout } = await run(node, [file, ...entries], { cwd: consumer.folder, timeout: 20_000 });
  return JSON.parse(stdout) as Record<string, string[]>;
}

describe.each(await nodeVersions())("Node $version", ({ program }) => {
  test("imports every entry, and loading does nothing", async () => {
    const found = await load(program, "import.mjs");
    expect(Object.keys(found)).toEqual(entries);
    expect(Object.entries(found).filter(([, names]) => names.length === 0)).toEqual([]);
  });

  test("requires every entry, with the same names", async () => {
    const required = await load(program, "require.cjs");
    for (const names of Object.values(required)) expect(names).not.toContain("default");
    expect(required).toEqual(await load(program, "import.mjs"));
  });
});
