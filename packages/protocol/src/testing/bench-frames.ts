/** Microseconds per frame, beside `JSON.parse` and `JSON.stringify` alone: `pnpm bench:wire`. */
import { JsonText } from "../json-text.ts";
import { decodeMessage } from "../wire/decode-message.ts";
import { encodeRequest } from "../wire/encode-request.ts";
import { encodeResponse } from "../wire/encode-response.ts";
import { FrameReader } from "../wire/frame-reader.ts";
import { goldenFrames } from "./golden-frames.ts";

const ROUNDS = 200_000;

/** The best of five, since the machine does other things too. */
function measure(name: string, frames: number, step: () => unknown): void {
  let best = Infinity;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const started = performance.now();
    for (let round = 0; round < ROUNDS / frames; round += 1) step();
    best = Math.min(best, ((performance.now() - started) * 1000) / ROUNDS);
  }
  process.stdout.write(`${name.padEnd(44)}${best.toFixed(2).padStart(6)} µs ${Math.round(1e6 / best).toLocaleString("en").padStart(12)} frames/s\n`);
}

for (const name of ["request-full", "request-min", "response-success", "response-failure-detailed"] as const) {
  const text = goldenFrames[name];
  const body = Buffer.from(text);
  measure(`JSON.parse of ${name} (${body.length} bytes)`, 1, () => JSON.parse(body.toString()));
  measure(`decodeMessage of ${name}`, 1, () => decodeMessage(body));
}

const full = decodeMessage(Buffer.from(goldenFrames["request-full"]));
if (full.kind === "request") {
  const { request } = full;
  const value = JSON.parse(goldenFrames["request-full"]) as unknown;
  measure("JSON.stringify of request-full", 1, () => Buffer.from(JSON.stringify(value)));
  measure("encodeRequest of request-full", 1, () => encodeRequest(request));
}
const ids = { jobId: "6f1c2b7e-8d4c-4b1b-a5a1-1c2d3e4f5a6b", requestId: "0b0f6f0e-2f0a-4a53-9d0a-0f5d7c3e1a11" };
measure("encodeResponse of a small value", 1, () => encodeResponse(ids, { type: "success", result: { ok: true } }));
measure("encodeResponse of null", 1, () => encodeResponse(ids, { type: "success", result: null }));
measure("encodeResponse of JSON text", 1, () => encodeResponse(ids, { type: "success", result: new JsonText('{"ok":true}') }));

const batch = Buffer.concat(Array.from({ length: 100 }, () => encodeResponse(ids, { type: "success", result: { ok: true } })));
const reader = new FrameReader();
measure("FrameReader.push, 100 frames in a chunk", 100, () => reader.push(batch));
