import { expect, test } from "vitest";
import { findTags, findTitles } from "./read-tags.ts";

test.each<[string, string[]]>([
  ["[trap 17] is dropped", ["trap 17"]],
  ["a job [redis §4.2] runs", ["redis §4.2"]],
  ["[trap 20, trap 23] waits", ["trap 20", "trap 23"]],
  ["[wire §3.1, §3.2] holds", ["wire §3.1", "wire §3.2"]],
  ["[runner §4] [trap 36] answers", ["runner §4", "trap 36"]],
  ["[design §8] is of another list", []],
  ["[wire] names nothing", []],
])("%s", (title, tags) => {
  expect(findTags(title)).toEqual(tags);
});

test("titles are found in calls and in tables, in quotes of each kind, and not in comments", () => {
  const source = `
    // "[trap 1] was once a test"
    /** "[trap 2]" */
    test("[trap 3] \\"quoted\\"", () => {});
    test.each([['[trap 4] in a table', 1], [\`[trap 5] \${n}\`, 2]])("%s", () => {});
  `;
  expect(findTitles(source).flatMap(({ tags }) => tags)).toEqual(["trap 3", "trap 4", "trap 5"]);
});
