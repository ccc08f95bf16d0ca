import fc from "fast-check";
import { expect, test } from "vitest";
import { memberText } from "./member-text.ts";

test.each<[string, string, string[], string | null]>([
  ["a number keeps its form", '{"n":1.0}', ["n"], "1.0"],
  ["however large", '{"n":18446744073709551617e400}', ["n"], "18446744073709551617e400"],
  ["white space is no part of it", ' { "n" : -1e+5 , "m" : 2 } ', ["n"], "-1e+5"],
  ["of equal names the last counts", '{"a":1,"a":{"b":2}}', ["a", "b"], "2"],
  ["a name may be escaped", '{"\\u0061\\"":true}', ['a"'], "true"],
  ["brackets and quotes in strings are text", '{"x":"}{\\"][\\\\","a":{"b":"]"}}', ["a", "b"], '"]"'],
  ["a missing name", '{"a":1}', ["b"], null],
  ["a way through a number", '{"a":1}', ["a", "b"], null],
  ["a way through an array", '{"a":[{"b":1}]}', ["a", "0"], null],
  ["an empty object", "{ }", ["a"], null],
])("[producer §4.3] %s", (_title, json, path, expected) => {
  expect(memberText(json, path)).toBe(expected);
});

test("[producer §4.3] every member of any JSON is found, and means what JSON.parse makes of it", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, "\t"), (object, indent) => {
      const json = JSON.stringify(object, null, indent);
      for (const [name, value] of Object.entries(JSON.parse(json) as object)) {
        expect(JSON.parse(memberText(json, [name]) ?? "missing")).toEqual(value);
      }
    }),
  );
});
