/** Cuts the bytes of one connection into the bodies of its frames. */
export class FrameReader {
  readonly #maxBytes: number | undefined;

  constructor(options: { readonly maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes;
  }

  /** Takes the next bytes; answers the bodies that are now complete. Throws `INVALID_FRAME` when the framing is lost. */
  push(chunk: Buffer): Buffer[] {
    throw new Error(`not written yet: ${chunk.length} ${String(this.#maxBytes)}`);
  }

  /** The stream ended; throws `INVALID_FRAME` if that was inside a frame. */
  end(): void {
    throw new Error("not written yet");
  }
}
