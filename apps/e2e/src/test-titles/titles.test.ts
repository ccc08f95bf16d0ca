import { expect, test } from "vitest";
import { readTaggedTitles } from "./read-tags.ts";
import { ROOT } from "./root.ts";
import { survey } from "./survey.ts";

const { promised, notYet, unknown } = survey(await readTaggedTitles(ROOT));
const untested = promised.filter(({ titles }) => titles.length === 0).map(({ tag, about }) => `[${tag}] ${about}`);

test("every section of the documents has a test whose title names it", () => {
  expect(untested.filter((line) => !line.startsWith("[trap "))).toEqual([]);
});

test("every trap has a test whose title names it, or is listed as not built yet", () => {
  expect(untested.filter((line) => line.startsWith("[trap "))).toEqual([]);
});

test("what is listed as not built yet has no test: it leaves that list with its first one", () => {
  expect(notYet.filter(({ titles }) => titles.length > 0).map(({ tag }) => tag)).toEqual([]);
});

test("no title names what is in no list", () => {
  expect(unknown.map(({ tag, title }) => `[${tag}] ${title.file}: ${title.title}`)).toEqual([]);
});
