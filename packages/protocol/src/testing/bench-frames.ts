/** What reading a frame costs beside `JSON.parse` alone: `pnpm bench:wire`. Medians of rounds in turn. */
import { decodeMessage } from "../wire/decode-message.ts";
import { goldenFrames } from "./golden-frames.ts";

const ROUNDS = 9;
const FRAMES = 100_000;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function framesPerSecond(read: () => unknown): number {
  const started = performance.now();
  for (let n = 0; n < FRAMES; n++) read();
  return (FRAMES * 1000) / (performance.now() - started);
}

for (const name of ["request-full", "response-success", "response-failure-detailed"] as const) {
  const body = Buffer.from(goldenFrames[name]);
  const ours: number[] = [];
  const parse: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(framesPerSecond(() => decodeMessage(body)));
    parse.push(framesPerSecond(() => JSON.parse(body.toString()) as unknown));
  }
  const [a, b] = [median(ours), median(parse)];
  process.stdout.write(`${name} (${body.length} bytes): ${Math.round(a)} frames/s, JSON.parse alone ${Math.round(b)}: ${(a / b).toFixed(2)}×\n`);
}
