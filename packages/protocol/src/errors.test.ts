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
