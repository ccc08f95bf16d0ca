import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

/** A stream that shows each write of the system's and ends it when the test says so. */
class Wire extends Writable {
  readonly writes: string[][] = [];
  readonly #pending: (() => void)[] = [];

  constructor() {
    super({ highWaterMark: 100 });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push([chunk.toString()]);
    this.#pending.push(done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk.toString()));
    this.#pending.push(done);
  }

  complete(): void {
    for (const done of this.#pending.splice(0)) done();
  }
}

function open(): { wire: Wire; outbox: Outbox } {
  const wire = new Wire();
  return { wire, outbox: new Outbox(wire) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("[design §5] frames on their way out", () => {
  test("[trap 33] those of one turn leave in one write, also when promises stand between them", async () => {
    const { wire, outbox } = open();
    outbox.send(Buffer.from("a"));
    void Promise.resolve().then(() => outbox.send(Buffer.from("b")));
    await Promise.resolve();
    await Promise.resolve().then(() => outbox.send(Buffer.from("c")));
    await turn();
    expect(wire.writes).toEqual([["abc"]]);
  });

  test("those of the next turn leave in the next", async () => {
    const { wire, outbox } = open();
    outbox.send(Buffer.from("a"));
    await turn();
    outbox.send(Buffer.from("b"));
    wire.complete();
    await turn();
    expect(wire.writes).toEqual([["a"], ["b"]]);
  });

  test("large ones leave without waiting for the end of the turn, and uncopied together", async () => {
    const { wire, outbox } = open();
    const large = "x".repeat(40_000);
    outbox.send(Buffer.from(large));
    expect(wire.writes).toEqual([]);
    outbox.send(Buffer.from(large));
    expect(wire.writes).toEqual([[large, large]]);
    await turn();
    expect(wire.writes).toHaveLength(1);
  });

  test("flush sends at once, and what is sent once is not sent again", async () => {
    const { wire, outbox } = open();
    outbox.send(Buffer.from("a"));
    outbox.flush();
    expect(wire.writes).toEqual([["a"]]);
    await turn();
    expect(wire.writes).toEqual([["a"]]);
  });

  test("[design §7] is full while the other side does not read", async () => {
    const { wire, outbox } = open();
    expect(outbox.full).toBe(false);
    outbox.send(Buffer.alloc(101));
    outbox.flush();
    expect(outbox.full).toBe(true);
    wire.complete();
    await turn();
    expect(outbox.full).toBe(false);
  });

  test("after the stream ended nothing is written, and nothing fails", async () => {
    const { wire, outbox } = open();
    wire.end();
    outbox.send(Buffer.from("a"));
    await turn();
    expect(wire.writes).toEqual([]);
  });
});
