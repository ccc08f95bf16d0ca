import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RrqError } from "../errors.ts";
import { FrameReader, FramingLostError } from "./frame-reader.ts";
import { toFrame } from "./frame.ts";

const MIB = 1024 * 1024;

const frames = (...bodies: readonly string[]): Buffer => Buffer.concat(bodies.map((body) => toFrame(body, "the test")));

function header(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

/** Pushes `bytes` in chunks of `sizes`, in turn; answers the bodies as text. */
function readInChunks(reader: FrameReader, bytes: Buffer, sizes: readonly [number, ...number[]]): string[] {
  const bodies: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const end = at + (sizes[turn % sizes.length] ?? sizes[0]);
    bodies.push(...reader.push(bytes.subarray(at, end)).map(String));
    at = end;
  }
  return bodies;
}

function lossOf(act: () => unknown): FramingLostError {
  try {
    act();
  } catch (error) {
    if (error instanceof FramingLostError) return error;
    throw error;
  }
  throw new Error("the framing was not lost");
}

describe("[wire §1] frames in a stream of bytes", () => {
  test("[wire §11.6] the example in hex is one frame of 83 bytes", () => {
    const hex =
      "000000537b2274797065223a2263616e63656c222c227061796c6f6164223a7b2270726f746f636f6c5f76657273696f6e223a" +
      "2232222c226a6f625f6964223a226a222c22686172645f6b696c6c223a66616c73657d7d";
    const body = '{"type":"cancel","payload":{"protocol_version":"2","job_id":"j","hard_kill":false}}';
    expect(readInChunks(new FrameReader(), Buffer.from(hex, "hex"), [1000])).toEqual([body]);
    expect(frames(body).toString("hex")).toBe(hex);
  });

  test("any bodies in any chunks come out as they went in", () => {
    const bodies = fc.array(fc.string({ minLength: 1, maxLength: 300, unit: "grapheme" }), { maxLength: 12 });
    const sizes = fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 400 }));
    fc.assert(
      fc.property(bodies, sizes, (sent, chunks) => {
        const reader = new FrameReader();
        expect(readInChunks(reader, frames(...sent), chunks)).toEqual(sent);
        reader.end();
      }),
      { seed: 7 },
    );
  });

  test("nothing is no chunk", () => {
    expect(new FrameReader().push(Buffer.alloc(0))).toEqual([]);
  });

  test("a body that lies in one chunk is not copied", () => {
    const chunk = frames("{}", "[]");
    const bodies = new FrameReader().push(chunk);
    expect(bodies.map((body) => [body.buffer, body.byteOffset - chunk.byteOffset])).toEqual([
      [chunk.buffer, 4],
      [chunk.buffer, 10],
    ]);
  });

  test("a body of exactly 16 MiB is taken", () => {
    const reader = new FrameReader();
    expect(reader.push(header(16 * MIB))).toEqual([]);
    const [body] = reader.push(Buffer.alloc(16 * MIB, 32));
    expect(body).toHaveLength(16 * MIB);
    reader.end();
  });

  test.each([
    ["a length of zero", header(0), /a frame of length 0/],
    ["a length over 16 MiB, from the header alone", header(16 * MIB + 1), /a frame of 16777217 bytes, the limit is 16777216/],
    ["the largest length", header(2 ** 32 - 1), /a frame of 4294967295 bytes/],
  ])("%s: the framing is lost for good, and what came before it is there", (_title, bad, message) => {
    for (const size of [1, 3, 1000]) {
      const reader = new FrameReader();
      const complete: string[] = [];
      const loss = lossOf(() => {
        for (let at = 0, bytes = Buffer.concat([frames("{}"), bad, frames("[]")]); ; at += size) {
          complete.push(...reader.push(bytes.subarray(at, at + size)).map(String));
        }
      });
      expect(loss.message).toMatch(message);
      expect(RrqError.is(loss, "INVALID_FRAME")).toBe(true);
      expect([...complete, ...loss.bodies.map(String)]).toEqual(["{}"]);
      expect(lossOf(() => reader.push(frames("{}"))).bodies).toEqual([]);
      expect(lossOf(() => reader.end()).message).toMatch(message);
    }
  });

  test("another limit may be set", () => {
    const reader = new FrameReader({ maxBytes: 2 });
    expect(reader.push(frames("{}"))).toHaveLength(1);
    expect(lossOf(() => reader.push(frames("{ }"))).message).toContain("the limit is 2");
  });

  test.each<[where: string, bytes: Buffer, message: RegExp | null]>([
    ["before the first frame", Buffer.alloc(0), null],
    ["between frames", frames("{}"), null],
    ["inside a length", frames("{}").subarray(0, 3), /ended inside a frame: in its length/],
    ["behind a length", frames("{}").subarray(0, 4), /in its body, after 0 of 2 bytes/],
    ["inside a body", frames("[]", "{}").subarray(0, 11), /in its body, after 1 of 2 bytes/],
  ])("the end of the stream %s", (_where, bytes, message) => {
    const reader = new FrameReader();
    reader.push(bytes);
    if (message === null) expect(() => reader.end()).not.toThrow();
    else expect(lossOf(() => reader.end()).message).toMatch(message);
  });
});

describe("[trap 34] a large body", () => {
  /** Microseconds of this process to read one body; the best of some tries, as the machine does other things too. */
  function cost(bytes: number, chunk: number, tries: number): number {
    const stream = Buffer.concat([header(bytes), Buffer.alloc(bytes, 97)]);
    let best = Infinity;
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const reader = new FrameReader();
      const before = process.cpuUsage();
      let read = 0;
      for (let at = 0; at < stream.length; at += chunk) read += reader.push(stream.subarray(at, at + chunk)).length;
      const { user, system } = process.cpuUsage(before);
      expect(read).toBe(1);
      best = Math.min(best, user + system);
    }
    return best;
  }

  // A reader that joins what it has at each chunk takes sixty-four times as long for eight times the bytes.
  test.each([
    [1, 2],
    [64, 5],
    [1024, 5],
    [65_536, 5],
  ])("of 15 MiB takes about eight times as long as an eighth of it, in chunks of %d bytes", (chunk, tries) => {
    const eighth = cost((15 * MIB) / 8, chunk, tries);
    // What is over in less than half a millisecond cannot be compared.
    expect(cost(15 * MIB, chunk, tries) / Math.max(eighth, 500)).toBeLessThan(24);
  });

  test("is held once, however many chunks it comes in", () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const held = (): number => {
      collectGarbage();
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      return arrayBuffers + heapUsed;
    };
    const before = held();
    const reader = new FrameReader();
    reader.push(header(15 * MIB));
    for (let at = 0; at < MIB; at += 1) reader.push(Buffer.alloc(1));
    // A list of a million chunks would be over 100 MiB.
    expect(held() - before).toBeLessThan(20 * MIB);
    expect(lossOf(() => reader.end()).message).toContain(`after ${MIB} of ${15 * MIB} bytes`);
  });
});
