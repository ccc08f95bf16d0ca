import { RrqError } from "./errors.ts";
import { findObstacle } from "./json-obstacle.ts";
import { JsonScan, JsonSyntaxError } from "./json-scan.ts";
import { JsonText } from "./json-text.ts";
import { MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from "./limits.ts";

export interface JsonTextLimits {
  /**
   * Bytes of UTF-8.
   * @default 16 MiB less 64 KiB, which leave room for what a frame has beside the value
   */
  readonly maxBytes?: number;
  /**
   * Objects and arrays open at any place, at most 1,000.
   * @default 125
   */
  readonly maxDepth?: number;
  /**
   * What the value is called in errors.
   * @default "value"
   */
  readonly what?: string;
}

/**
 * `value` as JSON that every peer of RRQ reads, written as `JSON.stringify` writes it. A {@link JsonText} is checked and
 * answered itself, its numbers as they are.
 *
 * Throws an `RrqError` that says where and what to do: `NOT_JSON` for undefined, functions and symbols at the top, and
 * anywhere for what JSON cannot hold (BigInt, cycles, NaN and the infinities, half of a surrogate pair, a `toJSON` that
 * throws); `TOO_DEEP`; `TOO_LARGE`.
 */
export function jsonText(value: unknown, limits: JsonTextLimits = {}): JsonText {
  const { maxBytes = MAX_VALUE_BYTES, maxDepth = MAX_VALUE_DEPTH, what = "value" } = limits;
  if (JsonText.is(value)) {
    checkSize(value.text, maxBytes, what);
    checkText(value.text, maxDepth, what);
    return value;
  }
  const text = stringify(value, maxDepth, what);
  checkSize(text, maxBytes, what);
  if (deservesSecondLook(text, maxDepth)) {
    const obstacle = findObstacle(value, what, maxDepth);
    if (obstacle !== null) throw new RrqError(obstacle.code, obstacle.message);
  }
  return new JsonText(text);
}

function checkSize(text: string, maxBytes: number, what: string): void {
  // A unit of UTF-16 takes three bytes at most.
  const bytes = text.length * 3 <= maxBytes ? 0 : Buffer.byteLength(text);
  if (bytes > maxBytes) throw tooLarge(bytes, maxBytes, what);
}

/** `TOO_LARGE`, with both sizes and what to do. */
export function tooLarge(bytes: number, maxBytes: number, what: string): RrqError {
  const advice = "keep it elsewhere and send where it is";
  return new RrqError("TOO_LARGE", `${what} has ${bytes} bytes as JSON, the limit is ${maxBytes}; ${advice}`);
}

function stringify(value: unknown, maxDepth: number, what: string): string {
  try {
    // Its type leaves out that there may be no text.
    const text = JSON.stringify(value) as string | undefined;
    if (text !== undefined) return text;
  } catch (cause) {
    throw explain(cause, value, maxDepth, what);
  }
  const is = value === undefined ? "undefined" : typeof value === "object" ? "undefined by its toJSON()" : `a ${typeof value}`;
  throw new RrqError("NOT_JSON", `${what} is ${is}, which JSON cannot hold; use null for no value`);
}

/** What made `JSON.stringify` throw `cause`. */
function explain(cause: unknown, value: unknown, maxDepth: number, what: string): RrqError {
  // A look at such a value would take as long as it is.
  if (cause instanceof RangeError && cause.message === "Invalid string length") {
    return new RrqError("TOO_LARGE", `${what} is too long as JSON for any string`, { cause });
  }
  try {
    const obstacle = findObstacle(value, what, maxDepth);
    if (obstacle !== null) return new RrqError(obstacle.code, obstacle.message, { cause });
  } catch {
    // A getter or toJSON of the value throws: that is the cause.
  }
  const reason = cause instanceof Error ? cause.message : "something in it threw";
  return new RrqError("NOT_JSON", `${what} cannot be written as JSON: ${reason}`, { cause });
}

/** Whether the text may hide something: NaN became `null`, half a pair `\\ud…`; or nests too deep. */
function deservesSecondLook(text: string, maxDepth: number): boolean {
  if (text.includes("null") || text.includes("\\ud")) return true;
  return mayNest(text, maxDepth) && scan(text, maxDepth).json.tooDeepAt >= 0;
}

/** Whether there are brackets enough for that, those in strings counted too. */
function mayNest(text: string, levels: number): boolean {
  let seen = 0;
  for (const bracket of "{[") {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      seen += 1;
      if (seen > levels) return true;
    }
  }
  return false;
}

function checkText(text: string, maxDepth: number, what: string): void {
  const { json, error } = scan(text, maxDepth);
  if (json.tooDeepAt >= 0) {
    throw new RrqError("TOO_DEEP", `${what} is nested over ${maxDepth} levels at character ${json.tooDeepAt}`);
  }
  if (error !== null) throw new RrqError("NOT_JSON", `${what} is no JSON text: ${error.message}`);
  if (json.loneSurrogateAt >= 0 || !text.isWellFormed()) {
    throw new RrqError("NOT_JSON", `${what} holds half of a surrogate pair, which is no character`);
  }
}

function scan(text: string, maxDepth: number): { json: JsonScan; error: JsonSyntaxError | null } {
  const json = new JsonScan(text, maxDepth);
  try {
    json.all();
    return { json, error: null };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { json, error };
    throw error;
  }
}
