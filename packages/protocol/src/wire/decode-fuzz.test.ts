import { expect, test } from "vitest";
import { fuzzDecoder } from "../testing/fuzz-decoder.ts";

// The seed and the count say what was tried; `pnpm fuzz` goes on for longer.
test("[wire §5] of a million mutated frames none is thrown on, and each is read as a decoder written from the rules reads it", { timeout: 120_000 }, () => {
  const tally = fuzzDecoder(20_251_101, 1_000_000);
  expect(tally.request + tally.response + tally.cancel).toBeGreaterThan(50_000);
  expect(tally.invalid).toBeGreaterThan(200_000);
});
