import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RrqError } from "./errors.ts";
import { JsonText } from "./json-text.ts";
import { jsonText, type JsonTextLimits } from "./to-json-text.ts";

function refusal(value: unknown, limits?: JsonTextLimits): { code: string; message: string; cause?: unknown } {
  try {
    jsonText(value, limits);
  } catch (error) {
    if (RrqError.is(error)) return error;
    throw error;
  }
  throw new Error("was not refused");
}

function nestArrays(levels: number, innermost: unknown = []): unknown {
  let value = innermost;
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
}

describe("[wire §12] a value becomes JSON that every peer reads", () => {
  test.each<[value: unknown, text: string]>([
    [null, "null"],
    ["a", '"a"'],
    [-0, "0"],
    [{ a: undefined, b: [undefined, () => 1, Symbol("s")], c: new Date(0) }, '{"b":[null,null,null],"c":"1970-01-01T00:00:00.000Z"}'],
    [new Number(5), "5"],
    [{ toJSON: () => ({ a: 1 }) }, '{"a":1}'],
    [new Map([[1, 2]]), "{}"],
    ["\ud83d\ude00", '"\ud83d\ude00"'],
    [String.raw`\ud800`, String.raw`"\\ud800"`],
    [{ "null": "null" }, '{"null":"null"}'],
    [{ inner: new JsonText("[1.0]") }, '{"inner":[1]}'],
  ])("%j", (value, text) => {
    expect(jsonText(value)).toEqual(new JsonText(text));
  });

  test("as JSON.stringify writes it, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonText(value, { maxDepth: 1000 }).text).toBe(JSON.stringify(value));
      }),
    );
  });

  test("a value that occurs twice is no cycle", () => {
    const shared = { id: null };
    expect(jsonText([shared, shared, { shared }]).text).toBe('[{"id":null},{"id":null},{"shared":{"id":null}}]');
  });
});

describe("[wire §5] what would be lost, or break a peer, is refused where it is", () => {
  const cycle: Record<string, unknown> = { user: { tags: [] } };
  (cycle["user"] as { tags: unknown[] }).tags.push("a", cycle["user"]);

  test.each<[string, unknown, RegExp]>([
    ["a BigInt", { user: { tags: [0, 1, 2, 3n] } }, /^params\.user\.tags\[3\] is a BigInt, .* send it as a string$/],
    ["a BigInt at the top", 1n, /^params is a BigInt/],
    ["NaN", { ratio: Number.NaN }, /^params\.ratio is NaN, .* send null or leave it out$/],
    ["Infinity", [[], [-Infinity]], /^params\[1\]\[0\] is -Infinity/],
    ["a boxed NaN", { n: new Number(Number.NaN) }, /^params\.n is NaN/],
    ["NaN out of toJSON", { a: { toJSON: () => ({ b: Number.NaN }) } }, /^params\.a\.b is NaN/],
    ["a date that is none", { at: new Date(Number.NaN) }, /^params\.at is an invalid Date/],
    ["a cycle", cycle, /^params\.user\.tags\[1\] is params\.user again, a cycle/],
    ["half of a surrogate pair", { "a b": ["\ud800"] }, /^params\["a b"\]\[0\] holds half of a surrogate pair/],
    ["the other half", "\udc00\ud800", /^params holds half of a surrogate pair/],
    ["half of a pair in a key", { a: { "\ud800": 1 } }, /^a key of params\.a holds half of a surrogate pair/],
    ["undefined", undefined, /^params is undefined, .* use null for no value$/],
    ["a function", () => 1, /^params is a function/],
    ["a symbol", Symbol("s"), /^params is a symbol/],
    ["toJSON that gives nothing", { toJSON: () => undefined }, /^params is undefined by its toJSON/],
  ])("%s", (_title, value, message) => {
    expect(refusal(value, { what: "params" })).toMatchObject({ code: "NOT_JSON", message: expect.stringMatching(message) as string });
  });

  test("a toJSON or getter that throws is the cause", () => {
    const bug = new Error("not loaded");
    const value = {
      get lazy(): never {
        throw bug;
      },
    };
    expect(refusal(value, { what: "result" })).toMatchObject({
      code: "NOT_JSON",
      message: "result cannot be written as JSON: not loaded",
      cause: bug,
    });
  });

  test("a throw of what is no error is told too", () => {
    const value = {
      toJSON() {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- handlers do
        throw Object.create(null) as object;
      },
    };
    expect(refusal(value)).toMatchObject({ code: "NOT_JSON" });
  });

  test.each([
    ["125 levels, the most", nestArrays(125), null],
    ["126 levels", nestArrays(126), "TOO_DEEP"],
    ["126 levels of objects, wide ones", Array.from({ length: 300 }).reduce<unknown>((inner) => ({ inner, a: "x", b: [] }), {}), "TOO_DEEP"],
    ["100,000 levels", nestArrays(100_000), "TOO_DEEP"],
    ["brackets in strings", Array.from({ length: 500 }, () => "[{"), null],
    ["many brackets side by side", Array.from({ length: 500 }, () => ({ a: [] })), null],
  ])("%s", (_title, value, code) => {
    if (code === null) expect(jsonText(value).parse()).toEqual(value);
    else expect(refusal(value)).toMatchObject({ code, message: expect.stringMatching(/^value.* is nested over 125 levels, .* flatter/) as string });
  });

  test("the place of what is too deep is told in a line", () => {
    const value = Array.from({ length: 200 }).reduce<unknown>((inner) => ({ inner }), {});
    expect(refusal(value, { what: "params" }).message).toMatch(/^params(\.inner){8} … (\.inner){3} is nested/);
  });

  test("20 MiB are refused with both sizes", () => {
    expect(refusal("x".repeat(20 * 1024 * 1024), { what: "result" })).toMatchObject({
      code: "TOO_LARGE",
      message: "result has 20971522 bytes as JSON, the limit is 16711680; keep it elsewhere and send where it is",
    });
  });

  test("what no string can hold is too large too", () => {
    const value = { toJSON: () => "x".repeat(2 ** 30) };
    expect(refusal(value)).toMatchObject({ code: "TOO_LARGE", cause: expect.any(RangeError) as RangeError });
  });

  test("bytes count, not characters", () => {
    expect(jsonText("\u20ac".repeat(5), { maxBytes: 17 }).text).toHaveLength(7);
    expect(refusal("\u20ac".repeat(5), { maxBytes: 16 })).toMatchObject({ code: "TOO_LARGE" });
  });
});

describe("[design §3] JSON text is checked, and goes as it is", () => {
  test.each(["1.0", "18446744073709551617", "1e400", ' {"a":1,"a":2} ', String.raw`"\ud83d\ude00"`])("%s", (text) => {
    const given = new JsonText(text);
    expect(jsonText(given)).toBe(given);
  });

  test.each<[string, string, RegExp]>([
    ["", "NOT_JSON", /^params is no JSON text: the JSON ends too early$/],
    ["{} {}", "NOT_JSON", /^params is no JSON text: no JSON from character 3 on$/],
    ["NaN", "NOT_JSON", /character 0/],
    [String.raw`["\ud800"]`, "NOT_JSON", /half of a surrogate pair/],
    ['["\ud800"]', "NOT_JSON", /half of a surrogate pair/],
    ["[".repeat(126) + "]".repeat(126), "TOO_DEEP", /^params is nested over 125 levels at character 125$/],
    ["[".repeat(100_000), "TOO_DEEP", /125 levels/],
    [`"${"x".repeat(2 ** 24)}"`, "TOO_LARGE", /16777218 bytes/],
  ])("%.20s is refused: %s", (text, code, message) => {
    expect(refusal(new JsonText(text), { what: "params" })).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  test("also when another copy of the package made it", () => {
    const foreign: unknown = Object.create({ [Symbol.for("@rrq/protocol/json-text")]: true }, { text: { value: "1.0" } });
    expect(JsonText.is(foreign)).toBe(true);
    expect(jsonText(foreign).text).toBe("1.0");
    expect(JsonText.is({ text: "1.0" })).toBe(false);
  });
});
