import { expect, test } from "vitest";
import { fuzzDecoder } from "../testing/fuzz-decoder.ts";

// The seed and the count say what was tried; `pnpm fuzz` goes on for longer.
test("[wire §5] of a million mutated frames none is thrown on, and each eighth is read as a decoder written from the rules reads it", { timeout: 120_000 }, () => {
  const tally = fuzzDecoder({ seed: 20_251_101, count: 1_000_000, compareEvery: 8 });
  // Mutations that only ever break the JSON would show nothing.
  for (const count of Object.values(tally)) expect(count).toBeGreaterThan(50_000);
});
