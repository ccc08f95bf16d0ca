import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, inject, test } from "vitest";

const run = promisify(execFile);
const consumer = inject("consumer");

/** Bundles a program into one file; answers the npm packages that went in. */
async function bundle(format: "esm" | "cjs", name: string, code: string): Promise<{ file: string; packages: string[] }> {
  const file = join(consumer.folder, `${name}.bundle.${format === "esm" ? "mjs" : "cjs"}`);
  const { metafile } = await build({
    stdin: { contents: code, resolveDir: consumer.folder, sourcefile: `${name}.mjs` },
    outfile: file,
    absWorkingDir: consumer.folder,
    bundle: true,
    format,
    platform: "node",
    target: "node20",
    metafile: true,
    logLevel: "error",
  });
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const packages = used.flatMap(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return { file, packages: [...new Set(packages)].sort() };
}

/** Runs it where no package can be found. */
async function runAlone(file: string): Promise<string> {
  const { stdout } = await run(process.execPath, [file], { cwd: "/" });
  return stdout.trim();
}

test("a bundled producer is one file that runs alone", async () => {
  const { file } = await bundle("cjs", "producer", `import { createProducer } from "@rrq/producer"; console.log(typeof createProducer);`);
  expect(await runAlone(file)).toBe("function");
});

test("a bundled runner runs alone, and has neither a Redis client nor a schema library in it", async () => {
  const { file, packages } = await bundle(
    "esm",
    "runner",
    `import { createRegistry, runRunner } from "@rrq/runner"; console.log(typeof createRegistry(), typeof runRunner);`,
  );
  expect(await runAlone(file)).toBe("object function");
  expect(packages).toEqual(["@rrq/protocol", "@rrq/runner"]);
});

test("who imports nothing but a job's name bundles nothing else", async () => {
  const { file, packages } = await bundle(
    "esm",
    "contract",
    `import { defineJob } from "@rrq/protocol"; console.log(defineJob("greet").name);`,
  );
  expect(await runAlone(file)).toBe("greet");
  expect(packages).toEqual(["@rrq/protocol"]);
});
