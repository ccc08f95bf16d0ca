import type { Writable } from "node:stream";

/** Frames up to this many bytes together are copied into one buffer: cheaper than handing the system a list of them. */
const MAX_JOINED_BYTES = 64 * 1024;

/**
 * Sends frames; those of one turn of the event loop leave in one write. While the other side does not read, the box is
 * full: who then goes on sending does so at the cost of memory.
 */
export class Outbox {
  readonly #stream: Writable;
  #frames: Buffer[] = [];
  #bytes = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Whether the stream has yet to drain; it says so by its event. */
  get full(): boolean {
    return this.#stream.writableNeedDrain;
  }

  /** Sends `frame`, at the latest at the end of this turn; after the stream ended or broke, nowhere. */
  send(frame: Buffer): void {
    this.#bytes += frame.length;
    this.#frames.push(frame);
    if (this.#bytes > MAX_JOINED_BYTES) this.flush();
    // Ticks run when the promises of this turn have settled: all jobs that end in it are together then.
    else if (this.#frames.length === 1) process.nextTick(() => this.flush());
  }

  /** Sends now what waits for the end of the turn. */
  flush(): void {
    const frames = this.#frames;
    const bytes = this.#bytes;
    this.#frames = [];
    this.#bytes = 0;
    const [first] = frames;
    if (first === undefined || !this.#stream.writable) return;
    if (frames.length === 1) this.#stream.write(first);
    else if (bytes <= MAX_JOINED_BYTES) this.#stream.write(Buffer.concat(frames, bytes));
    else this.#writeAll(frames);
  }

  #writeAll(frames: readonly Buffer[]): void {
    this.#stream.cork();
    for (const frame of frames) this.#stream.write(frame);
    this.#stream.uncork();
  }
}
