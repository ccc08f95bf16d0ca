import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonScan, JsonSyntaxError } from "./json-scan.ts";

/** `true` if the text is JSON, else where it stops being so. */
function scan(text: string): true | number {
  try {
    new JsonScan(text, 127).all();
    return true;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.at;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("[wire §5] the syntax of JSON, exactly", () => {
  test.each<[text: string, stopsAt: true | number]>([
    ["{}", true],
    ["[]", true],
    [' { "a" : [ 1 , -2.50e+10 , true , false , null , "" ] , "b" : { } } \r\n\t', true],
    ["0", true],
    ["-0", true],
    ["0.1e-1", true],
    ["1e400", true],
    ["123456789012345678901234567890", true],
    [String.raw`"\"\\\/\b\f\n\r\t\u00Ff"`, true],
    [String.raw`"\ud83d\ude00"`, true],
    ['"\u007f\u2028"', true],
    ["", 0],
    ["   ", 3],
    ["\ufeff{}", 0],
    ["{} {}", 3],
    ["{}x", 2],
    ["[1,]", 3],
    ["[,1]", 1],
    ["[1 2]", 3],
    ["[1}", 2],
    ['{"a":1]', 6],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['{"a":}', 5],
    ["{a:1}", 1],
    ["{1:1}", 1],
    ['{"a"', 4],
    ["[", 1],
    ["]", 0],
    ["01", 1],
    ["-", 1],
    ["+1", 0],
    [".5", 0],
    ["1.", 2],
    ["1e", 2],
    ["1e+", 3],
    ["-a", 1],
    ["0x1", 1],
    ["NaN", 0],
    ["-Infinity", 1],
    ["tru", 0],
    ["nulll", 4],
    ["'a'", 0],
    ['"a', 2],
    ['"\n"', 1],
    ['"\u0000"', 1],
    [String.raw`"\x"`, 2],
    [String.raw`"\u12G4"`, 3],
    [String.raw`"\u12"`, 3],
    ['"\\', 2],
    ["\u00a01", 0],
  ])("%j", (text, stopsAt) => {
    expect(scan(text)).toBe(stopsAt);
    expect(isJson(text)).toBe(stopsAt === true);
  });

  test("whatever is JSON to JSON.parse is JSON here, and nothing else", () => {
    const fragment = fc.constantFrom(...Array.from('{}[],:"\\ue+-.0123456789abtrufalsn \t\n\u0001\u00e9\ud83d'), "null", "true", "false", '""', "\\u", "d800", "1e5");
    const soup = fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join(""));
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.nat({ max: 2 }), soup)
      .map(([text, at, cut, extra]) => text.slice(0, at % (text.length + 1)) + extra + text.slice((at % (text.length + 1)) + cut));
    fc.assert(
      fc.property(fc.oneof(soup, fc.json(), damaged), (text) => {
        expect(scan(text) === true).toBe(isJson(text));
      }),
      { numRuns: 20_000, seed: 4 },
    );
  });

  test("a value ends where it ends, also with other text behind it", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(",", "]", "}", " ", ',"a":1}'), (json, behind) => {
        expect(new JsonScan(json + behind, 1000).value(0, 0)).toBe(json.length);
      }),
    );
  });
});

describe("[wire §5] what is JSON, but more than peers read", () => {
  test.each<[text: string, at: number]>([
    [String.raw`"\ud83d\ude00"`, -1],
    [String.raw`"\uD83D\uDE00"`, -1],
    [String.raw`"\\ud800"`, -1],
    [String.raw`"\ud800"`, 1],
    [String.raw`"\udc00"`, 1],
    [String.raw`"\ud800\ud800"`, 1],
    [String.raw`"\ud800\ud83d\ude00"`, 1],
    [String.raw`"\ud800\n"`, 1],
    [String.raw`"\ud800x\udc00"`, 1],
    [String.raw`"\ud800\ue000"`, 1],
    [String.raw`["ok",{"\udfff":1}]`, 8],
  ])("an escape that is half of a surrogate pair: %s", (text, at) => {
    const json = new JsonScan(text, 127);
    json.all();
    expect(json.loneSurrogateAt).toBe(at);
  });

  test("nesting beyond the limit is noted where it begins, and read on", () => {
    const json = new JsonScan("[".repeat(129) + "]".repeat(129), 127);
    json.all();
    expect(json.tooDeepAt).toBe(127);

    const within = new JsonScan('{"a":[{}'.repeat(63) + '{"a":1}' + "]}".repeat(63), 127);
    expect(() => within.all()).toThrow(JsonSyntaxError);
    expect(within.tooDeepAt).toBe(-1);
  });

  test("sixteen million brackets end at the thousandth: no recursion, no memory", () => {
    const json = new JsonScan("[".repeat(2 ** 24), 127);
    expect(() => json.all()).toThrow(expect.objectContaining({ at: 1000 }));
    expect(json.tooDeepAt).toBe(127);
  });
});
