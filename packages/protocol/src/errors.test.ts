import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { RrqError } from "./errors.ts";

test("an error is known by its code [design §4]", () => {
  const cause = new Error("refused");
  const error = new RrqError("REDIS_UNAVAILABLE", "no Redis", { cause });
  expect(error).toMatchObject({ name: "RrqError", code: "REDIS_UNAVAILABLE", message: "no Redis", cause });
  expect(RrqError.is(error)).toBe(true);
  expect(RrqError.is(error, "REDIS_UNAVAILABLE")).toBe(true);
  expect(RrqError.is(error, "CLOSED")).toBe(false);
});

test("also one of another copy of the package, which instanceof does not know [design §4]", () => {
  const foreign = Object.assign(new Error("closed"), { name: "RrqError", code: "CLOSED" });
  expect(foreign).not.toBeInstanceOf(RrqError);
  expect(RrqError.is(foreign, "CLOSED")).toBe(true);
});

test.each([
  ["an error of somebody else", new TypeError("t")],
  ["an error of somebody else with a code", Object.assign(new Error("e"), { code: "CLOSED" })],
  ["an error of that name without a code", Object.assign(new Error("e"), { name: "RrqError" })],
  ["no error", { name: "RrqError", code: "CLOSED" }],
  ["nothing", undefined],
])("%s is none of RRQ's [design §4]", (_title, value) => {
  expect(RrqError.is(value)).toBe(false);
});

test("the README says of every code what it means, in the words of the type [design §4]", async () => {
  const source = await readFile(new URL("errors.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const meanings = [...source.matchAll(/^ \* (\| `[A-Z_]+` \| .+ \|)$/gm)].map(([, row = ""]) => row);
  const codes = [...source.matchAll(/^ {2}\| "([A-Z_]+)"/gm)].map(([, code = ""]) => code);
  expect(codes).toHaveLength(new Set(codes).size);
  expect(meanings.map((row) => /`(.+?)`/.exec(row)?.[1])).toEqual(codes);
  for (const row of meanings) expect(readme).toContain(row);
});
