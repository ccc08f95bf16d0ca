import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mutate } from "./mutant.ts";
import { mutants } from "./mutants.ts";

const root = join(import.meta.dirname, "../../..");

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))("the mutant '%s' still applies", async (_name, mutant) => {
  const text = await readFile(join(root, mutant.file), "utf8");
  expect(mutate(text, mutant)).not.toBe(text);
  await Promise.all(mutant.tests.map((file) => access(join(root, file))));
});

test("no two mutants have one name", () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});
