const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Stands at the end of a line that was too long. */
const CUT_MARK = " … (cut)";

/**
 * Cuts bytes into lines of text. Memory stays bounded: what a line has beyond `maxBytes` is dropped and marked.
 * Bytes that are not UTF-8 are replaced; a character may be spread over any number of chunks.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #length = 0;
  #cut = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes the next bytes; answers the lines that are now complete, without their line ends. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return lines;
  }

  /** The stream ended: what came after the last line end, if anything. */
  end(): string[] {
    return this.#length > 0 ? [this.#take()] : [];
  }

  #keep(bytes: Buffer): void {
    const room = this.#maxBytes - this.#length;
    const kept = bytes.length > room ? bytes.subarray(0, room) : bytes;
    this.#cut ||= kept.length < bytes.length;
    if (kept.length === 0) return;
    this.#parts.push(kept);
    this.#length += kept.length;
  }

  #take(): string {
    const bytes = this.#parts.length === 1 ? (this.#parts[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#parts);
    const cut = this.#cut;
    this.#parts = [];
    this.#length = 0;
    this.#cut = false;
    if (cut) return withoutBrokenEnd(bytes).toString("utf8") + CUT_MARK;
    return (bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes).toString("utf8");
  }
}

/** Without the first bytes of a character whose rest was cut off. */
function withoutBrokenEnd(bytes: Buffer): Buffer {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && start > 0 && isContinuation(bytes[start])) start -= 1;
  const first = bytes[start] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return start + length > bytes.length ? bytes.subarray(0, start) : bytes;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
