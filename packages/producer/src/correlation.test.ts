import { expect, test } from "vitest";
import { correlate, type CorrelationSources } from "./correlation.ts";

const sources = (change: Partial<CorrelationSources>): CorrelationSources => ({
  params: '{"tenant":"t-1","user":{"id":88,"vip":true,"none":null,"tags":["a"],"":"x"},"params":{"id":"inner"},"rate":1.0,"blank":""}',
  mappings: {},
  trace: null,
  given: null,
  ...change,
});

test.each<[string, string, string | null]>([
  ["a string as it is", "tenant", "t-1"],
  ["one leading params. is dropped", "params.tenant", "t-1"],
  ["and only one", "params.params.id", "inner"],
  ["white space around the path does not matter", "  params.tenant  ", "t-1"],
  ["a number in the form it has in the JSON", "user.id", "88"],
  ["also one that ends in .0", "rate", "1.0"],
  ["a boolean", "user.vip", "true"],
  ["null is nothing", "user.none", null],
  ["an array is nothing", "user.tags", null],
  ["arrays are not looked into", "user.tags.0", null],
  ["an object is nothing", "user", null],
  ["the word params alone is the member of that name, an object here", "params", null],
  ["an empty string is nothing", "blank", null],
  ["a missing name is nothing", "user.name", null],
  ["an empty later step is nothing", "user.", null],
  ["an empty path is nothing", " params. ", null],
])("[producer §4.3] [telemetry §7] %s", (_title, path, expected) => {
  expect(correlate(sources({ mappings: { key: path } }))).toEqual(expected === null ? null : { key: expected });
});

test.each<[string, Partial<CorrelationSources>, Record<string, string> | null]>([
  ["no mappings, no attributes", {}, null],
  ["names are trimmed", { mappings: { " tenant_id ": "tenant" } }, { tenant_id: "t-1" }],
  ["a blank name is left out", { mappings: { "  ": "tenant" } }, null],
  ["64 bytes of name will do", { mappings: { ["é".repeat(32)]: "tenant" } }, { ["é".repeat(32)]: "t-1" }],
  ["65 bytes are too many", { mappings: { [`${"é".repeat(32)}x`]: "tenant" } }, null],
  ["a header of that name wins", { mappings: { tenant: "tenant" }, trace: { tenant: "other" } }, { tenant: "other" }],
  ["an empty header does not", { mappings: { tenant: "tenant" }, trace: { tenant: "" } }, { tenant: "t-1" }],
  ["what the call says wins over the mappings", { mappings: { a: "tenant", b: "tenant" }, given: { a: "mine" } }, { a: "mine", b: "t-1" }],
  [
    "a value is cut to 256 bytes, at a character",
    { params: JSON.stringify({ long: `x${"é".repeat(200)}` }), mappings: { long: "long" } },
    { long: `x${"é".repeat(127)}` },
  ],
])("[producer §4.3] [telemetry §7] %s", (_title, change, expected) => {
  expect(correlate(sources(change))).toEqual(expected);
});

test("[producer §4.3] [telemetry §7] 16 attributes are collected, and those without a value do not count", () => {
  const mappings = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, index % 2 === 0 ? "tenant" : "nothing"]));
  expect(Object.keys(correlate(sources({ mappings })) ?? {})).toEqual(Array.from({ length: 16 }, (_, index) => `k${index * 2}`));
});
