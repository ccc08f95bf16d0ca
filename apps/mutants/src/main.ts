// Applies each mutant to a copy of the repository and runs its tests: all of them must turn red.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { copyRepository } from "./copy-repository.ts";
import { type Mutant, mutate } from "./mutant.ts";
import { mutants } from "./mutants.ts";

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
const chosen = mutants.filter(({ name }) => new RegExp(values.only).test(name));
const root = join(import.meta.dirname, "../../..");

await using copy = await copyRepository(root);
const files = [...new Set(chosen.flatMap(({ tests }) => tests))];
for (const file of files) {
  const failed = await failingTests([file]);
  if (failed.length > 0) throw new Error(`${file} is red without any mutant: ${failed.join("; ")}`);
}
let survivors = 0;
for (const mutant of chosen) {
  const killers = await kill(mutant);
  if (killers.length === 0) survivors++;
  const trap = mutant.trap === null ? "" : ` [trap ${mutant.trap}]`;
  process.stdout.write(`${killers.length === 0 ? "SURVIVES" : "killed"}  ${mutant.name}${trap}: ${killers[0] ?? "no test turns red"}\n`);
}
process.stdout.write(`${chosen.length - survivors} of ${chosen.length} mutants were killed\n`);
process.exitCode = survivors === 0 ? 0 : 1;

async function kill(mutant: Mutant): Promise<readonly string[]> {
  const file = join(copy.root, mutant.file);
  const text = await readFile(file, "utf8");
  await writeFile(file, mutate(text, mutant));
  try {
    return await failingTests(mutant.tests);
  } finally {
    await writeFile(file, text);
  }
}

/** Titles of the tests that fail; a file that cannot even be run counts as one. */
function failingTests(tests: readonly string[]): Promise<readonly string[]> {
  const [, member = ""] = /^((?:packages|apps)\/[^/]+)\//.exec(tests[0] ?? "") ?? [];
  const args = ["vitest", "run", "--typecheck.enabled=false", "--reporter=json", ...tests.map((file) => file.slice(member.length + 1))];
  return new Promise((resolve) => {
    execFile("npx", args, { cwd: join(copy.root, member), maxBuffer: 2 ** 26 }, (_error, stdout) => {
      resolve(readFailures(stdout));
    });
  });
}

interface Report {
  readonly testResults: readonly {
    readonly status: string;
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

function readFailures(stdout: string): readonly string[] {
  const { testResults } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as Report;
  return testResults.flatMap(({ status, name, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === "failed").map(({ fullName }) => fullName.trim());
    return failed.length === 0 && status === "failed" ? [`${name} cannot be run`] : failed;
  });
}
