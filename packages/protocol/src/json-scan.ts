const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What may follow a backslash, but for `u`. */
const ESCAPES = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));

/** Nesting beyond this is not even followed: memory stays small whatever is sent. */
const FOLLOWED_DEPTH = 1000;

/** Where a text stops being JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
  /** Index of the character that does not belong there. */
  readonly at: number;

  constructor(text: string, at: number) {
    super(at < text.length ? `no JSON from character ${at} on` : "the JSON ends too early");
    this.at = at;
  }
}

/**
 * Walks over JSON text without making values of it: exact about syntax as `JSON.parse` is, and it knows where each
 * value ends. Its methods take the index where something starts and answer the index behind it; they throw a
 * {@link JsonSyntaxError} where the text is no JSON. What is JSON but more than peers read is noted, not thrown, so that
 * the rest can still be read.
 */
export class JsonScan {
  readonly text: string;
  readonly maxDepth: number;
  /** Where a container was opened beyond `maxDepth`; -1 for nowhere. */
  tooDeepAt = -1;
  /** Where an escape stands for half of a surrogate pair; -1 for nowhere. */
  loneSurrogateAt = -1;

  constructor(text: string, maxDepth: number) {
    this.text = text;
    this.maxDepth = maxDepth;
  }

  /** The whole text as one value. */
  all(): void {
    const end = this.blank(this.value(this.blank(0), 0));
    if (end < this.text.length) throw this.fault(end);
  }

  fault(at: number): JsonSyntaxError {
    return new JsonSyntaxError(this.text, at);
  }

  /** Over white space, if there is any. */
  blank(at: number): number {
    for (;;) {
      const code = this.text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
      at += 1;
    }
  }

  /** Over a value of any kind, with `depth` containers open around it. Does not recurse. */
  value(at: number, depth: number): number {
    const { text } = this;
    const closers: number[] = [];
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
        this.#open(at, depth + closers.length + 1);
        const closer = code === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
        at = this.blank(at + 1);
        if (text.charCodeAt(at) !== closer) {
          closers.push(closer);
          if (closer === CLOSE_OBJECT) at = this.colon(this.string(at));
          continue;
        }
        at += 1;
      } else {
        at = this.#scalar(at, code);
      }

      for (;;) {
        const closer = closers.at(-1);
        if (closer === undefined) return at;
        at = this.blank(at);
        const next = text.charCodeAt(at);
        if (next === COMMA) {
          at = this.blank(at + 1);
          if (closer === CLOSE_OBJECT) at = this.colon(this.string(at));
          break;
        }
        if (next !== closer) throw this.fault(at);
        closers.pop();
        at += 1;
      }
    }
  }

  /** Notes that the container at `at` is the `depth`th open one. */
  #open(at: number, depth: number): void {
    if (depth <= this.maxDepth) return;
    if (this.tooDeepAt < 0) this.tooDeepAt = at;
    if (depth > FOLLOWED_DEPTH) throw this.fault(at);
  }

  /** From behind a key over its colon, to the start of the value. */
  colon(at: number): number {
    at = this.blank(at);
    if (this.text.charCodeAt(at) !== COLON) throw this.fault(at);
    return this.blank(at + 1);
  }

  /** Over a string. */
  string(at: number): number {
    const { text } = this;
    if (text.charCodeAt(at) !== QUOTE) throw this.fault(at);
    for (at += 1; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return at + 1;
      if (code === BACKSLASH) at = this.#escape(at + 1);
      // Also at the end, where the code is NaN.
      else if (!(code >= 0x20)) throw this.fault(at);
    }
  }

  /** Answers the index of the last character of an escape. */
  #escape(at: number): number {
    const code = this.text.charCodeAt(at);
    if (ESCAPES.has(code)) return at;
    if (code !== 0x75) throw this.fault(at);
    const unit = this.#hex4(at + 1);
    if (unit < 0xd800 || unit > 0xdfff) return at + 4;
    if (unit < 0xdc00 && this.text.startsWith("\\u", at + 5)) {
      const second = this.#hex4(at + 7);
      if (second >= 0xdc00 && second <= 0xdfff) return at + 10;
    }
    if (this.loneSurrogateAt < 0) this.loneSurrogateAt = at - 1;
    return at + 4;
  }

  #hex4(at: number): number {
    const digits = this.text.slice(at, at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.fault(at);
    return Number.parseInt(digits, 16);
  }

  #scalar(at: number, code: number): number {
    if (code === QUOTE) return this.string(at);
    if (code === MINUS || isDigit(code)) return this.#number(at, code);
    for (const word of ["true", "false", "null"]) {
      if (this.text.startsWith(word, at)) return at + word.length;
    }
    throw this.fault(at);
  }

  #number(at: number, code: number): number {
    const { text } = this;
    if (code === MINUS) at += 1;
    at = text.charCodeAt(at) === ZERO ? at + 1 : this.#digits(at);
    if (text.charCodeAt(at) === DOT) at = this.#digits(at + 1);
    const exponent = text.charAt(at);
    if (exponent !== "e" && exponent !== "E") return at;
    const sign = text.charAt(at + 1);
    return this.#digits(sign === "+" || sign === "-" ? at + 2 : at + 1);
  }

  /** Over one digit or more. */
  #digits(at: number): number {
    const start = at;
    while (isDigit(this.text.charCodeAt(at))) at += 1;
    if (at === start) throw this.fault(at);
    return at;
  }
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}
