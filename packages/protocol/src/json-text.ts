/** Registered globally, so that a text of another copy of this package is known too. */
const MARK = Symbol.for("@rrq/protocol/json-text");

/**
 * A JSON value as the text it was written in. Whoever only passes a value on carries it like this,
 * so that `1.0`, 2⁶⁴+1 and 1e400 arrive as they were sent. The text is not checked here: `jsonText()` checks.
 */
export class JsonText {
  readonly text: string;

  // On the prototype, and unknown to the types, so that those of two copies fit each other.
  static {
    Object.defineProperty(this.prototype, MARK, { value: true });
  }

  constructor(text: string) {
    this.text = text;
  }

  /** Whether `value` is one. Works across two copies of this package, where `instanceof` does not. */
  static is(value: unknown): value is JsonText {
    return typeof value === "object" && value !== null && MARK in value;
  }

  /** The value as JavaScript sees it; numbers become doubles. */
  parse(): unknown {
    return JSON.parse(this.text);
  }

  toString(): string {
    return this.text;
  }

  /** `JSON.stringify` shows the value, through JavaScript's numbers. */
  toJSON(): unknown {
    return this.parse();
  }
}
