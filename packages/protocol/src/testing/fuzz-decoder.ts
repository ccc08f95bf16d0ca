import { isDeepStrictEqual } from "node:util";
import { decodeMessage } from "../wire/decode-message.ts";
import type { Message } from "../wire/message.ts";
import { mutateFrame } from "./mutate-frame.ts";
import { Random } from "./random.ts";
import { decodeByTheRules } from "./reference-decoder.ts";

/** How many frames were of which kind. */
export type Tally = Record<Message["kind"], number>;

/**
 * Decodes `count` mutated frames, and each by the rules too. Throws with the frame at the first that the decoder throws
 * on, or reads otherwise than the rules.
 */
export function fuzzDecoder(seed: number, count: number): Tally {
  const random = new Random(seed);
  const tally: Tally = { request: 0, response: 0, cancel: 0, invalid: 0 };
  for (let round = 0; round < count; round += 1) {
    const body = mutateFrame(random);
    const message = decodeOrReport(body, seed, round);
    const expected = decodeByTheRules(body);
    const agree = expected === null ? message.kind === "invalid" : isDeepStrictEqual(message, expected);
    if (!agree) throw disagreement(body, seed, round, { message, expected });
    tally[message.kind] += 1;
  }
  return tally;
}

function decodeOrReport(body: Buffer, seed: number, round: number): Message {
  try {
    return decodeMessage(body);
  } catch (error) {
    throw disagreement(body, seed, round, error);
  }
}

function disagreement(body: Buffer, seed: number, round: number, cause: unknown): Error {
  return new Error(`seed ${seed}, frame ${round}: ${body.toString("latin1")}`, { cause });
}
