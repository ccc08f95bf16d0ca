import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { DEFAULTS } from "./defaults.ts";
import { camelCase, snakeCase } from "./key-case.ts";
import { cronJobShape, httpShape, rrqShape, runnerShape, unusedShape, watchShape } from "./schema.ts";

test("each key of [rrq] is a setting, but those that mean nothing to us [config §3.1]", () => {
  const tables = ["runners", "runnerRoutes", "cronJobs", "watch", "http"];
  expect([...Object.keys(rrqShape).map(camelCase), ...tables].sort()).toStrictEqual(Object.keys(DEFAULTS).sort());
  expect(Object.keys(unusedShape).filter((key) => camelCase(key) in DEFAULTS)).toStrictEqual([]);
  expect(Object.keys(watchShape).map(camelCase).sort()).toStrictEqual(Object.keys(DEFAULTS.watch).sort());
});

test("every key can be spelt both ways", () => {
  const keys = Object.keys({ ...rrqShape, ...unusedShape, ...runnerShape, ...cronJobShape, ...watchShape, ...httpShape });
  expect(keys.map(camelCase).map(snakeCase)).toStrictEqual(keys);
});

test("the README lists every key [config §3]", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const shapes = { ...rrqShape, ...unusedShape, ...runnerShape, ...cronJobShape, ...watchShape, ...httpShape };
  expect(Object.keys(shapes).filter((key) => !readme.includes(`\`${key}\``))).toStrictEqual([]);
});
