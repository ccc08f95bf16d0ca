import type { Writable } from "node:stream";

/** Frames up to this many bytes together are copied into one buffer: cheaper than handing the system a list of them. */
const MAX_JOINED_BYTES = 64 * 1024;

/**
 * Sends frames; those of one turn of the event loop leave in one write. While the other side does not read, the stream is
 * reported as `full`, and as free again when it has drained.
 */
export class Outbox {
  readonly #stream: Writable;
  readonly #onFull: () => void;
  #frames: Buffer[] = [];

  constructor(stream: Writable, options: { onFull: () => void; onFree: () => void }) {
    this.#stream = stream;
    this.#onFull = options.onFull;
    stream.on("drain", options.onFree);
  }

  /** Sends `frame` at the end of this turn; after the stream ended or broke, nowhere. */
  send(frame: Buffer): void {
    this.#frames.push(frame);
    // Ticks run when the promises of this turn have settled: all jobs that end in it are together then.
    if (this.#frames.length === 1) process.nextTick(() => this.flush());
  }

  /** Sends now what waits for the end of the turn. */
  flush(): void {
    const frames = this.#frames;
    this.#frames = [];
    if (frames.length > 0 && this.#stream.writable && !this.#write(frames)) this.#onFull();
  }

  #write(frames: readonly Buffer[]): boolean {
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    if (bytes <= MAX_JOINED_BYTES) return this.#stream.write(frames.length === 1 ? frames[0] : Buffer.concat(frames, bytes));
    this.#stream.cork();
    for (const frame of frames) this.#stream.write(frame);
    this.#stream.uncork();
    return !this.#stream.writableNeedDrain;
  }
}
