import { expect, test } from "vitest";
import { survey } from "./survey.ts";

const titled = (...tags: string[]) => ({ file: "a.test.ts", title: tags.join(" "), tags });
const missing = (...args: Parameters<typeof survey>) => survey(...args).promised.filter(({ titles }) => titles.length === 0).map(({ tag }) => tag);

test("what a title names is not missing", () => {
  expect(missing([titled("wire §1", "trap 60")])).not.toContain("wire §1");
  expect(missing([titled("wire §1", "trap 60")])).not.toContain("trap 60");
  expect(missing([titled("wire §1")])).toContain("wire §2");
});

test("a section that holds others does not stand for them", () => {
  expect(missing([titled("wire §11")], ["wire"])).toContain("wire §11.1");
  expect(survey([titled("wire §11")]).unknown).toEqual([]);
});

test("what is in no list is a slip of the pen", () => {
  expect(survey([titled("wire §99", "trap 61")]).unknown.map(({ tag }) => tag)).toEqual(["wire §99", "trap 61"]);
});

test("what is not ours has its reason, and is not asked for", () => {
  const { notOurs } = survey([]);
  expect(notOurs.map(({ tag }) => tag)).toContain("redis §7");
  expect(missing([])).not.toContain("redis §7");
  expect(notOurs.every(({ reason }) => reason.length > 0)).toBe(true);
});

test("what is not built yet names its issue, and is not asked for; a test of it is shown", () => {
  const found = survey([titled("trap 54")]).notYet;
  expect(found.find(({ tag }) => tag === "trap 54")).toMatchObject({ issue: 6, titles: [{ title: "trap 54" }] });
  expect(found.find(({ tag }) => tag === "trap 55")).toMatchObject({ titles: [] });
  expect(missing([])).not.toContain("trap 55");
});

test("only the documents that are named count", () => {
  expect(new Set(missing([], ["trap"]).map((tag) => tag.split(" ")[0]))).toEqual(new Set(["trap"]));
});
