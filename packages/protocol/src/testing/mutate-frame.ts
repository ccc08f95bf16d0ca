import { goldenFrames } from "./golden-frames.ts";
import type { Random } from "./random.ts";

const VALUES = [
  "null", "true", "false", "0", "-0", "1", "1.0", "-1", "1e400", "4294967296", "18446744073709551617",
  '""', '"x"', '"2"', '"3"', String.raw`"a\"b"`, String.raw`"\ud83d\ude00"`, String.raw`"\ud800"`, String.raw`"\udc00\ud800"`, '"\u00e9"',
  "{}", "[]", '{"a":1}', '{"message":"m"}', `${"[".repeat(123)}${"]".repeat(123)}`, `${"[".repeat(126)}${"]".repeat(126)}`,
  '"request"', '"response"', '"cancel"', '"success"', '"error"', '"retry"', '"timeout"',
  '"failure"', '"cancelled"', '"handler_not_found"', '"retry_after"',
  '"2025-01-01T12:00:00"', '"2025-02-30T12:00:00Z"', '"2025-01-01 12:00:60.1+0000"',
] as const;

const MEMBERS = [
  '"type":"cancel"', '"payload":{}', '"job_id":"j"', '"request_id":null', '"hard_kill":true', '"status":"success"', '"error":{"message":""}',
  '"result":1.0', '"params":{}', '"context":{}', '"retry_after_seconds":5', '"message":"m"', '"details":{"a":[1.0]}', '"attempt":1',
  '"deadline":null', '"fence":7', '"timeout_ms":1e3', '"retryable":false', '"still_running":true', String.raw`"job\u005fid":"j"`,
  '"unknown":[{}]', '"protocol_version":2', String.raw`"\ud800":1`,
] as const;

const DEBRIS = [
  "NaN", "Infinity", "01", "1.", "+1", '"\u0001"', String.raw`"\x"`, "'x'", "{", "}", "[", "]", ",", ":", '"', "\\", "\ufeff", "//", "\u2028", " ", "\n", "\t",
] as const;

const BASES = Object.values(goldenFrames) as unknown as readonly [string, ...string[]];

/** Where something can be changed with a chance that the rest stays JSON. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;
const VALUE = /(?<=[:[]\s*)(?:"(?:[^"\\]|\\.)*"|[^\s{}[\]:,"]+|\{\}|\[\])/g;
const OPENING = /\{(?=\s*")/g;

/** A body made of one of the specification's examples by up to three changes: of values, of fields, of anything. */
export function mutateFrame(random: Random): Buffer {
  let text = random.pick(BASES);
  const changes = random.below(4);
  for (let change = 0; change < changes; change += 1) text = mutateText(text, random);
  const body = Buffer.from(text);
  if (random.below(8) === 0 && body.length > 0) body[random.below(body.length)] = random.below(256);
  return body;
}

function mutateText(text: string, random: Random): string {
  switch (random.below(8)) {
    case 0:
      return replaceAt(TOKEN, text, random, () => random.pick(DEBRIS));
    case 1:
      return replaceAt(TOKEN, text, random, (token) => token + token);
    case 2:
      return replaceAt(TOKEN, text, random, () => "");
    case 3:
    case 4:
      return replaceAt(OPENING, text, random, (brace) => `${brace}${random.pick(MEMBERS)},`);
    default:
      return replaceAt(VALUE, text, random, () => random.pick(VALUES));
  }
}

/** Replaces the first match behind a random place. */
function replaceAt(pattern: RegExp, text: string, random: Random, replacement: (match: string) => string): string {
  pattern.lastIndex = random.below(text.length + 1);
  const match = pattern.exec(text);
  if (match === null) return text;
  return text.slice(0, match.index) + replacement(match[0]) + text.slice(match.index + match[0].length);
}
