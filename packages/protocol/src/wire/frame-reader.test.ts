import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameReader, FramingLostError } from "./frame-reader.ts";
import { toFrame } from "./frame.ts";

const frames = (...bodies: readonly string[]): Buffer => Buffer.concat(bodies.map((body) => toFrame(body, "the test")));
const header = (length: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
};

/** What a reader makes of `bytes` in chunks of at most `size`. */
function readInChunks(bytes: Buffer, size: number, reader = new FrameReader()): string[] {
  const bodies: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    bodies.push(...reader.push(bytes.subarray(at, at + size)).map((body) => body.toString()));
  }
  return bodies;
}

describe("[wire §1] frames in a stream of bytes", () => {
  test("the example in hex is one frame of 83 bytes [wire §11.6]", () => {
    const hex =
      "000000537b2274797065223a2263616e63656c222c227061796c6f6164223a7b2270726f746f636f6c5f76657273696f6e223a2232222c226a6f625f6964223a226a222c22686172645f6b696c6c223a66616c73657d7d";
    const body = '{"type":"cancel","payload":{"protocol_version":"2","job_id":"j","hard_kill":false}}';
    expect(readInChunks(Buffer.from(hex, "hex"), 1_000)).toEqual([body]);
    expect(frames(body).toString("hex")).toBe(hex);
  });

  test("any bodies in any chunks come out as they went in", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, unit: "binary" }), { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (bodies, sizes) => {
        const bytes = frames(...bodies);
        const reader = new FrameReader();
        const read: string[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          read.push(...reader.push(Buffer.from(bytes.subarray(at, at + size))).map((body) => body.toString()));
          at += size;
        }
        reader.end();
        expect(read).toEqual(frames(...bodies).length === 0 ? [] : bodies.map((body) => Buffer.from(body).toString()));
      }),
      { seed: 7 },
    );
  });

  test("a body of exactly 16 MiB is taken", () => {
    const reader = new FrameReader();
    expect(reader.push(header(16_777_216))).toEqual([]);
    expect(reader.push(Buffer.alloc(16_777_216, 32))).toHaveLength(1);
    reader.end();
  });

  test.each([
    ["a length of zero", header(0)],
    ["a length over 16 MiB, before any of it came", header(16_777_217)],
    ["the largest length", header(0xff_ff_ff_ff)],
  ])("%s: framing is lost, and stays so; what came before is there", (_title, bytes) => {
    const reader = new FrameReader();
    const lose = (): unknown => reader.push(Buffer.concat([frames("{}"), bytes]));
    expect(lose).toThrow(FramingLostError);
    expect(() => reader.push(frames("{}"))).toThrow(expect.objectContaining({ code: "INVALID_FRAME" }) as Error);
    const again = new FrameReader();
    try {
      again.push(Buffer.concat([frames("{}"), bytes]));
    } catch (error) {
      expect((error as FramingLostError).bodies.map(String)).toEqual(["{}"]);
    }
  });

  test.each([
    ["between frames", frames("{}"), false],
    ["inside a length", frames("{}").subarray(0, 3), true],
    ["inside a body", frames("{}").subarray(0, 5), true],
  ])("the end of the stream %s", (_title, bytes, isError) => {
    const reader = new FrameReader();
    reader.push(bytes);
    if (isError) expect(() => reader.end()).toThrow(FramingLostError);
    else expect(() => reader.end()).not.toThrow();
  });

  test("a body that lies in one chunk is not copied", () => {
    const chunk = frames("{}", "[]");
    const bodies = new FrameReader().push(chunk);
    expect(bodies.map((body) => body.buffer)).toEqual([chunk.buffer, chunk.buffer]);
  });

  test("[trap 34] a large body costs linear time in chunks of any size", () => {
    const cost = (bytes: number, chunk: number): number => {
      const body = Buffer.alloc(bytes, 97);
      const stream = Buffer.concat([header(bytes), body]);
      const runs = Array.from({ length: 5 }, () => {
        const reader = new FrameReader();
        const started = process.cpuUsage();
        let read = 0;
        for (let at = 0; at < stream.length; at += chunk) read += reader.push(stream.subarray(at, at + chunk)).length;
        expect(read).toBe(1);
        const { user, system } = process.cpuUsage(started);
        return user + system;
      });
      return Math.min(...runs);
    };
    // Eight times the bytes, eight times the time; a reader that joins what it has at each chunk takes sixty-four times.
    for (const chunk of [64, 1_024, 65_536]) {
      expect(cost(8 * 1_900_000, chunk) / Math.max(cost(1_900_000, chunk), 500)).toBeLessThan(32);
    }
  });

  test("15 MiB byte by byte", () => {
    const reader = new FrameReader();
    const stream = Buffer.concat([header(15 * 1_048_576), Buffer.alloc(15 * 1_048_576, 97)]);
    let read = 0;
    for (let at = 0; at < stream.length; at++) read += reader.push(stream.subarray(at, at + 1)).length;
    expect(read).toBe(1);
  });
});
