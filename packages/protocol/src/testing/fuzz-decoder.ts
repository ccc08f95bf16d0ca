import { isDeepStrictEqual } from "node:util";
import { decodeMessage } from "../wire/decode-message.ts";
import type { Message } from "../wire/message.ts";
import { mutateFrame } from "./mutate-frame.ts";
import { Random } from "./random.ts";
import { decodeByTheRules } from "./reference-decoder.ts";

/** How many frames were of which kind. */
export type Tally = Record<Message["kind"], number>;

export interface FuzzOptions {
  /** The same seed makes the same frames. */
  readonly seed: number;
  readonly count: number;
  /** Every so manieth is decoded by the rules too, which takes three times as long. */
  readonly compareEvery: number;
}

/**
 * Decodes `count` mutated frames, some of them by the rules too. Throws with the frame at the first that the decoder
 * throws on, or reads otherwise than the rules.
 */
export function fuzzDecoder({ seed, count, compareEvery }: FuzzOptions): Tally {
  const random = new Random(seed);
  const tally: Tally = { request: 0, response: 0, cancel: 0, invalid: 0 };
  const { stackTraceLimit } = Error;
  // Half of the frames make errors; their stacks, which nobody sees, take most of the time.
  Error.stackTraceLimit = 0;
  try {
    for (let round = 0; round < count; round += 1) {
      const body = mutateFrame(random);
      const kind = decodeAndCompare(body, round % compareEvery === 0);
      tally[kind] += 1;
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return tally;
}

function decodeAndCompare(body: Buffer, compare: boolean): Message["kind"] {
  try {
    const message = decodeMessage(body);
    if (!compare) return message.kind;
    const expected = decodeByTheRules(body);
    if (expected === null ? message.kind === "invalid" : isDeepStrictEqual(message, expected)) return message.kind;
    throw new Error("the rules disagree", { cause: { message, expected } });
  } catch (cause) {
    throw new Error(`frame ${JSON.stringify(body.toString("latin1"))}`, { cause });
  }
}
