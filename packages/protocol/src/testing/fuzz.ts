/** A longer run: `pnpm fuzz [millions of frames, default 20] [seed, default the time]`. */
import { fuzzDecoder } from "./fuzz-decoder.ts";

const [millions = "20", seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
for (let million = 0; million < Number(millions); million += 1) {
  const started = performance.now();
  const tally = fuzzDecoder({ seed: Number(seed) + million, count: 1_000_000, compareEvery: 1 });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`seed ${Number(seed) + million}: 1,000,000 frames in ${seconds} s: ${JSON.stringify(tally)}\n`);
}
