/**
 * A JSON value as the text it was written in. Whoever only passes a value on carries it like this,
 * so that `1.0`, 2⁶⁴+1 and 1e400 arrive as they were sent. The text is not checked here: `jsonText()` checks.
 */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
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
