import { expect, test } from "vitest";
import { type ConfigNode, toPlain } from "./config-node.ts";
import { readToml } from "./read-toml.ts";

function find(text: string, ...path: (string | number)[]): ConfigNode | undefined {
  const reading = readToml(text);
  let node: ConfigNode | undefined = reading.kind === "read" ? reading.root : undefined;
  for (const step of path) {
    if (node?.kind === "table") node = node.entries.get(String(step))?.node;
    else if (node?.kind === "array") node = node.items[Number(step)];
  }
  return node;
}

test.each<[text: string, path: (string | number)[], line: number, column: number]>([
  ["a = 1", ["a"], 1, 5],
  ["\uFEFFa = 1", ["a"], 1, 5],
  ["\r\n  a = 1\r\n", ["a"], 2, 7],
  ["[x]\n[x.y]\na = 1", ["x", "y"], 2, 4],
  ["[x]\n[x.y]\na = 1", ["x", "y", "a"], 3, 5],
  ["x.y = { a = [1, 2] }", ["x", "y", "a", 1], 1, 17],
  ["[[j]]\n[[j]]\na = 1", ["j", 1], 2, 3],
  ["[[j]]\n[[j]]\n[j.p]\nb = 1", ["j", 1, "p", "b"], 4, 5],
  ['"a.b" = 1', ["a.b"], 1, 9],
])("%j: each value knows its line and column [config §2]", (text, path, line, column) => {
  expect(find(text, ...path)?.place).toStrictEqual({ line, column });
});

test("numbers keep what a double would lose, dates stay text [config §3.3]", () => {
  const text = "a = 12345678901234567\nb = 0xff\nc = 1_000.50\nd = 1979-05-27 07:32:00\ne = 5.0";
  expect(find(text, "a")).toMatchObject({ kind: "integer", value: 12_345_678_901_234_567n });
  expect(find(text, "b")).toMatchObject({ kind: "integer", value: 255n });
  expect(find(text, "c")).toMatchObject({ kind: "float", text: "1000.50" });
  expect(find(text, "d")).toMatchObject({ kind: "date-time", text: "1979-05-27 07:32:00" });
  expect(find(text, "e")).toMatchObject({ kind: "float", value: 5 });
});

test.each<[text: string, line: number, column: number]>([
  ["x = ", 1, 5],
  ["a = 1\na = 2", 2, 1],
  ["[a]\nb = 1\n[a]", 3, 2],
  ["x = 9223372036854775808", 1, 5],
  ["x = -9223372036854775809", 1, 5],
  ["a = {\nb = 1}", 2, 1],
  ['a = "\\e"', 1, 7],
  ["x = 01", 1, 5],
  ["[[a]]\n[a]", 2, 2],
  ["a = [1]\n[[a]]", 2, 3],
  ["\0", 1, 1],
])("%j is no TOML 1.0, and says where [config §2]", (text, line, column) => {
  expect(readToml(text)).toMatchObject({ kind: "broken", place: { line, column } });
});

test.each<[what: string, text: string]>([
  ["arrays", `x = ${"[".repeat(20_000)}${"]".repeat(20_000)}`],
  ["tables", `x = ${"{x=".repeat(300)}1${"}".repeat(300)}`],
  ["dotted keys", `${"a.".repeat(300)}a = [[1]]`],
  ["headers", `[${"a.".repeat(300)}a]`],
])("%s nested without end are refused, not followed", (_what, text) => {
  expect(readToml(text)).toMatchObject({ kind: "broken" });
});

test("names that objects know are ordinary keys", () => {
  const plain = toPlain(find("__proto__ = 1\nconstructor.x = 2\ntoString = 3") ?? { kind: "boolean", place: null, value: false });
  expect(Object.entries(plain as object)).toStrictEqual([
    ["__proto__", 1n],
    ["constructor", { x: 2n }],
    ["toString", 3n],
  ]);
});
