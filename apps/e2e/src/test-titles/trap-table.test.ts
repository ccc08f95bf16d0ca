import { readFile } from "node:fs/promises";
import { mutants } from "@rrq/mutants";
import { expect, test } from "vitest";
import { readTaggedTitles } from "./read-tags.ts";
import { ROOT } from "./root.ts";
import { survey } from "./survey.ts";
import { formatTrapTable, TRAP_TABLE } from "./trap-table.ts";

const titled = (title: string, file = "a.test.ts") => ({ file, title, tags: ["trap 2"] });

test("a trap has its promise, its tests by file and its mutants", () => {
  const titles = [titled("[trap 2] [redis §4.2] stays <as> it was", "b.test.ts"), titled("[trap 2] \\\"once\\\""), titled("twice")];
  const table = formatTrapTable(survey(titles), [
    { name: "no fence", trap: 2 },
    { name: "another", trap: 20 },
    { name: "of none", trap: null },
  ]);
  const [, section = ""] = /^(## 2\. .*?)^## 3\./ms.exec(table) ?? [];
  expect(section.split("\n").slice(1)).toEqual([
    "",
    "- `a.test.ts`",
    '  - "once"',
    "  - twice",
    "- `b.test.ts`",
    "  - stays \\<as\\> it was",
    "",
    "Mutants: no fence.",
    "",
    "",
  ]);
});

test("one that is not built yet says where it is asked for", () => {
  const awaited = { tag: "trap 1", about: "something", issue: 6, titles: [] };
  expect(formatTrapTable({ promised: [], notOurs: [], notYet: [awaited], unknown: [] }, [])).toContain(
    "## 1. something\n\nNot built yet: issue 6.\n",
  );
});

test("the committed table is fresh: `pnpm --dir apps/e2e run traps` writes it", async () => {
  expect(await readFile(TRAP_TABLE, "utf8")).toBe(formatTrapTable(survey(await readTaggedTitles(ROOT)), mutants));
});
