import { goldenFrames } from "./golden-frames.ts";
import type { Random } from "./random.ts";

/** What breaks decoders, and what they must let through: put in the place of something else. */
const FRAGMENTS = [
  "null", "true", "false", "0", "-0", "1", "1.0", "-1", "1e400", "4294967296", "18446744073709551617", "NaN", "Infinity", "01", "1.", "+1",
  '""', '"x"', '"2"', '"3"', '"a\\"b"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\u0000"', '"\u0001"', '"\\x"', "'x'", '"\u00e9"',
  "{}", "[]", "[[]]", '{"a":1}', "{", "}", "[", "]", ",", ":", '"', "\\", " ", "\n", "\t", "\ufeff", "//", "\u2028",
  '"request"', '"response"', '"cancel"', '"success"', '"error"', '"retry"', '"timeout"', '"failure"', '"cancelled"', '"handler_not_found"', '"retry_after"',
  '"type":"cancel",', '"payload":{},', '"job_id":"j",', '"request_id":null,', '"hard_kill":true,', '"status":"success",', '"error":{"message":""},',
  '"result":1.0,', '"params":{},', '"context":{},', '"retry_after_seconds":5,', '"message":"m",', '"details":{"a":[1.0]},', '"attempt":1,', '"deadline":null,',
  '"fence":7,', '"timeout_ms":1e3,', '"retryable":false,', '"still_running":true,', '"job\\u005fid":"j",', '"unknown":[{}],', '"protocol_version":2,',
  '"2025-01-01T12:00:00"', '"2025-02-30T12:00:00Z"', '"2025-01-01 12:00:60.1+0000"', "[".repeat(126), "]".repeat(126), `${"[".repeat(124)}${"]".repeat(124)}`,
] as const; // prettier-ignore

const BASES = Object.values(goldenFrames) as unknown as readonly [string, ...string[]];

/** Where something may be cut out or put in with a chance that the rest stays JSON: at a token. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** A body made of one of the specification's examples by up to four changes, of tokens and of bytes. */
export function mutateFrame(random: Random): Buffer {
  let text = random.pick(BASES);
  const changes = 1 + random.below(3);
  for (let change = 0; change < changes; change += 1) text = mutateText(text, random);
  const body = Buffer.from(text);
  if (random.below(4) === 0 && body.length > 0) body[random.below(body.length)] = random.below(256);
  return body;
}

function mutateText(text: string, random: Random): string {
  TOKEN.lastIndex = random.below(text.length + 1);
  const token = TOKEN.exec(text);
  const start = token?.index ?? text.length;
  const end = start + (token?.[0].length ?? 0);
  switch (random.below(8)) {
    case 0:
      return text.slice(0, start);
    case 1:
      return text.slice(0, start) + text.slice(end);
    case 2:
      return text.slice(0, end) + text.slice(start);
    case 3:
    case 4:
      return text.slice(0, start) + random.pick(FRAGMENTS) + text.slice(start);
    default:
      return text.slice(0, start) + random.pick(FRAGMENTS) + text.slice(end);
  }
}
