import { RrqError } from "../errors.ts";
import { MAX_FRAME_BYTES } from "../limits.ts";
import { HEADER_BYTES } from "./frame.ts";

export interface FrameReaderOptions {
  /**
   * Bytes that the body of a frame may have; the most that is held in memory.
   * @default 16 MiB
   */
  readonly maxBytes?: number;
}

/** `INVALID_FRAME`: nobody knows where the next frame starts. The connection is of no more use. */
export class FramingLostError extends RrqError {
  /** The bodies that were complete before that, in the same chunk. */
  readonly bodies: readonly Buffer[];

  constructor(message: string, bodies: readonly Buffer[]) {
    super("INVALID_FRAME", message);
    this.bodies = bodies;
  }
}

/**
 * Where the bytes read so far end: between or within the four bytes of a length, within a body, or after a length that
 * no frame has.
 */
type State =
  | { readonly at: "header"; readonly seen: number; readonly value: number }
  | { readonly at: "body"; readonly body: Buffer; seen: number }
  | { readonly at: "lost"; readonly why: string };

const BETWEEN_FRAMES: State = { at: "header", seen: 0, value: 0 };

/**
 * Cuts the bytes of one connection into the bodies of its frames, however they are spread over chunks. A body that lies
 * in one chunk is a view of it; another is put together in a buffer of its length, made once its header is known (the
 * system gives it memory only as it fills). So no byte is copied twice, and a body in a million chunks is no list of them.
 */
export class FrameReader {
  readonly #maxBytes: number;
  #state: State = BETWEEN_FRAMES;

  constructor(options: FrameReaderOptions = {}) {
    this.#maxBytes = options.maxBytes ?? MAX_FRAME_BYTES;
  }

  /**
   * Takes the next bytes; answers the bodies that they complete. `chunk` must not be written to afterwards.
   * Throws a {@link FramingLostError}, from the header alone, for a length of zero or over the limit, and ever after.
   */
  push(chunk: Buffer): Buffer[] {
    const bodies: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) at = this.#step(chunk, at, bodies);
    if (this.#state.at === "lost") throw new FramingLostError(this.#state.why, bodies);
    return bodies;
  }

  /** The stream has ended. Throws `INVALID_FRAME` if that was inside a frame. */
  end(): void {
    const state = this.#state;
    if (state.at === "lost") throw new FramingLostError(state.why, []);
    if (state.at === "header" && state.seen === 0) return;
    const where =
      state.at === "header" ? "its length" : `its body, after ${state.seen} of ${state.body.length} bytes`;
    throw new FramingLostError(`the connection ended inside a frame: in ${where}`, []);
  }

  /** Goes on from `at`; answers up to where it came. */
  #step(chunk: Buffer, at: number, bodies: Buffer[]): number {
    const state = this.#state;
    switch (state.at) {
      case "lost":
        return chunk.length;
      case "body": {
        const copied = chunk.copy(state.body, state.seen, at);
        state.seen += copied;
        if (state.seen === state.body.length) {
          bodies.push(state.body);
          this.#state = BETWEEN_FRAMES;
        }
        return at + copied;
      }
      case "header": {
        if (state.seen === 0 && chunk.length - at >= HEADER_BYTES) {
          return this.#startBody(chunk.readUInt32BE(at), chunk, at + HEADER_BYTES, bodies);
        }
        const value = state.value * 256 + chunk.readUInt8(at);
        if (state.seen + 1 === HEADER_BYTES) return this.#startBody(value, chunk, at + 1, bodies);
        this.#state = { at: "header", seen: state.seen + 1, value };
        return at + 1;
      }
      default:
        return state satisfies never;
    }
  }

  #startBody(length: number, chunk: Buffer, at: number, bodies: Buffer[]): number {
    if (length === 0 || length > this.#maxBytes) {
      const why = length === 0 ? "a frame of length 0" : `a frame of ${length} bytes, the limit is ${this.#maxBytes}`;
      this.#state = { at: "lost", why };
      return chunk.length;
    }
    const end = at + length;
    if (end > chunk.length) {
      this.#state = { at: "body", body: Buffer.allocUnsafe(length), seen: 0 };
      return at;
    }
    this.#state = BETWEEN_FRAMES;
    bodies.push(chunk.subarray(at, end));
    return end;
  }
}
