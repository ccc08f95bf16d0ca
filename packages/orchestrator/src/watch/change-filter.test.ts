import { defaultSettings } from "@rrq/protocol/config";
import { describe, expect, test } from "vitest";
import { createChangeFilter } from "./change-filter.ts";

const { includePatterns, ignorePatterns } = defaultSettings().watch;
const byDefault = createChangeFilter({ includePatterns, ignorePatterns, gitignores: [] });

describe("[orchestrator §14] which changes restart the worker", () => {
  test.each([
    ["src/handlers.ts", true],
    ["rrq.toml", true],
    ["app/tasks.py", true],
    ["lib/deep/er/mail.mjs", true],
    ["README.md", false],
    ["node_modules/x/index.js", false],
    ["packages/a/node_modules/x/index.js", false],
    ["dist/index.js", false],
    [".git/HEAD.toml", false],
    ["__pycache__/a.py", false],
    ["app/__pycache__/a.py", false],
    ["", false],
  ])("by default %s: %s", (path, expected) => {
    expect(byDefault(path)).toBe(expected);
  });

  test("what the .gitignore ignores does not count", () => {
    const filter = createChangeFilter({ includePatterns, ignorePatterns, gitignores: ["generated/\n*.local.ts\n!keep.local.ts"] });
    expect(["generated/a.ts", "a.local.ts", "keep.local.ts", "a.ts"].map(filter)).toEqual([false, false, true, true]);
  });

  test("a star matches across folders, as upstream's", () => {
    const filter = createChangeFilter({ includePatterns: ["src/*.ts"], ignorePatterns: ["src/gen*"], gitignores: [] });
    expect(["src/a/b.ts", "src/a.ts", "lib/a.ts", "src/gen/a.ts"].map(filter)).toEqual([true, true, false, false]);
  });

  test("without patterns everything counts", () => {
    const filter = createChangeFilter({ includePatterns: [], ignorePatterns: [], gitignores: [] });
    expect(filter("any/thing")).toBe(true);
  });
});
