import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDotEnv } from "./dot-env.ts";

// Every row was seen in upstream 0.11.1, but where it says otherwise.
describe("a line is read as upstream reads it [config §1]", () => {
  test.each<[text: string, value: string]>([
    ["V=a", "a"],
    ["V=a#b", "a#b"],
    ["V=a # b", "a"],
    ["V=\n", ""],
    ["V=# c\n", ""],
    ["export V = sp", "sp"],
    ["  V=lead\r\n", "lead"],
    ["\uFEFFV=bom\n", "bom"],
    ['# "open\nV=c\n', "c"],
    ['X=1 # "open\nV=c\n', "c"],
    ["V='x$A'", "x$A"],
    ["V='a\\b'", "a\\b"],
    ["V='a\nb'", "a\nb"],
    ['V="a\nb"', "a\nb"],
    ['V="a\\nb"', "a\nb"],
    ['V="a # b"', "a # b"],
    ['V="it\'s"', "it's"],
    ['V="x"  # c', "x"],
    ['V=x"y"', "xy"],
    ['V="x"y', "xy"],
    ["V=a\\ b", "a b"],
    ["V=`a`", "`a`"],
    ["V=$A_B", "envA_B"],
    ["V=${A}_B", "envA_B"],
    ['V="a${A}"', "aenvA"],
    ['V="a\\$A"', "a$A"],
    ["V=$$A", "envA"],
    ["V=a$", "a"],
    ["V=a$-b", "a-b"],
    ["Z=zz\nV=${Z}x", "zzx"],
    ["A=fromFile\nV=$A", "envA"],
    ["V=${NOPE}x", "x"],
    ["V=x\nV=y", "x"],
    ["export=1\nV=e", "e"],
    ["X.Y=a\nV=c", "c"],
    // Upstream takes the quote for a part of the value here.
    ['V="x$A"', "xenvA"],
  ])("%j", (text, value) => {
    const read = parseDotEnv(text, { A: "envA" });
    expect(read.values.get("V")).toBe(value);
    expect(read.brokenAt).toBeNull();
  });

  test.each<[text: string, line: number]>([
    ["bad line\nV=x", 1],
    ["A=1\n\n# c\nbad line\nV=x", 4],
    ["V=a b", 1],
    ['V="x', 1],
    ["V='x\n\n", 1],
    ["V=a\\b", 1],
    ['V="a\\tb"', 1],
    ["V=${A", 1],
    ['V="x" "y"', 1],
    ["1X=a\nV=x", 1],
    ["X-Y=a\nV=x", 1],
    ["X: 1\nV=x", 1],
    ["V\nX=1", 1],
    ["export\nV=e", 1],
    ["export X\nV=e", 1],
  ])("%j stops the reading at line %i", (text, line) => {
    const read = parseDotEnv(text, {});
    expect(read.values.has("V")).toBe(false);
    expect(read.brokenAt).toBe(line);
  });

  test("lines before a broken one count", () => {
    expect(parseDotEnv("V=x\nbad line\nW=y", {})).toStrictEqual({ values: new Map([["V", "x"]]), brokenAt: 2 });
  });
});

test("any text is read or told to be broken, in linear time", () => {
  const piece = fc.constantFrom("A=", "export ", '"', "'", "\\", "$", "${", "}", "#", " ", "\n", "\r\n", "x", "=", "\t", "\uFFFD", "é");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join("");
      const { values, brokenAt } = parseDotEnv(text, { A: "1" });
      for (const name of values.keys()) expect(text).toContain(name);
      if (brokenAt !== null) expect(brokenAt).toBeLessThanOrEqual(text.split("\n").length);
    }),
    { numRuns: 3_000 },
  );
  expect(parseDotEnv(`A="${"\\\\".repeat(200_000)}"\nB=${" \t#".repeat(100_000)}`, {}).values.get("A")).toHaveLength(200_000);
});
