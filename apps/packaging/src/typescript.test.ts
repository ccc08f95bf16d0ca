import { execFile } from "node:child_process";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, inject, test } from "vitest";
import { entriesOf } from "./entries.ts";

const run = promisify(execFile);
const consumer = inject("consumer");
const TSC = join(import.meta.dirname, "../node_modules/.bin/tsc");

beforeAll(async () => {
  for (const file of ["esm.mts", "cjs.cts"]) {
    await copyFile(join(import.meta.dirname, "../consumers", file), join(consumer.folder, file));
  }
  const imports = (await entriesOf(consumer)).map((entry, index) => `import * as entry${index} from "${entry}";`);
  const names = imports.map((_, index) => `entry${index}`);
  await writeFile(join(consumer.folder, "all.mts"), `${imports.join("\n")}\nexport const all = [${names.join(", ")}];\n`);
});

test.each<[string, object, string[]]>([
  ["module: nodenext, import and require", { module: "nodenext", target: "es2023" }, ["esm.mts", "cjs.cts", "all.mts"]],
  ["moduleResolution: bundler", { module: "esnext", moduleResolution: "bundler", target: "es2023" }, ["esm.mts", "all.mts"]],
])("a strict TypeScript consumer compiles, our declarations included: %s", async (_title, options, files) => {
  const config = join(consumer.folder, "tsconfig.json");
  const compilerOptions = { strict: true, skipLibCheck: false, noEmit: true, types: ["node"], lib: ["es2023", "esnext.disposable"] };
  await writeFile(config, JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files }));
  const { stdout } = await run(TSC, ["-p", config]).catch((error: unknown) => error as { stdout: string });
  expect(stdout).toBe("");
});
