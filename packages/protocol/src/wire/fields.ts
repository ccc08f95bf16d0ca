import type { JsonScan } from "../json-scan.ts";
import { JsonText } from "../json-text.ts";

/** The keys that matter in an object, and under a key that holds another such object, its shape. All others are skipped. */
export type Shape = ReadonlyMap<string, Shape | null>;

/** A field is not what the protocol says. */
export class UnfitField extends Error {
  override readonly name = "UnfitField";
}

interface Field {
  /** Where its value is in the text of the frame. */
  readonly start: number;
  end: number;
  /** If it has a shape and holds an object. */
  readonly fields: Fields | null;
  repeated: boolean;
}

/**
 * The known fields of one object of a frame, as places in its text: nothing is copied or converted before somebody asks.
 * What a field must be is said by how it is asked for; {@link UnfitField} names the one that is something else.
 * Upstream refuses a known key that comes twice, so do we, and only where somebody asks for it.
 */
export class Fields {
  readonly #scan: JsonScan;
  /** What comes before the name of a field in messages: nothing, or `payload.` */
  readonly #prefix: string;
  readonly #fields = new Map<string, Field>();

  constructor(scan: JsonScan, prefix: string) {
    this.#scan = scan;
    this.#prefix = prefix;
  }

  /**
   * Reads the object that starts at `at` with `depth` containers open around it; answers where it ends.
   * When that throws, the fields up to there can still be asked for.
   */
  read(at: number, depth: number, shape: Shape): number {
    const scan = this.#scan;
    const { text } = scan;
    at = scan.blank(at + 1);
    if (text[at] === "}") return at + 1;
    for (;;) {
      const keyEnd = scan.string(at);
      const name = unquote(text, at, keyEnd);
      at = scan.blank(this.#readValue(name, scan.colon(keyEnd), depth + 1, shape.get(name)));
      if (text[at] === "}") return at + 1;
      if (text[at] !== ",") throw scan.fault(at);
      at = scan.blank(at + 1);
    }
  }

  /** `shape`: of the value; `null` for any value, `undefined` if the field is unknown. */
  #readValue(name: string, start: number, depth: number, shape: Shape | null | undefined): number {
    const scan = this.#scan;
    if (shape === undefined) return scan.value(start, depth);
    const isObject = shape !== null && scan.text[start] === "{";
    const fields = isObject ? new Fields(scan, `${this.#prefix}${name}.`) : null;
    const field: Field = { start, end: start, fields, repeated: this.#fields.has(name) };
    this.#fields.set(name, field);
    field.end = fields !== null && shape !== null ? fields.read(start, depth, shape) : scan.value(start, depth);
    return field.end;
  }

  /** The text of a field's value; `undefined` if it is not there. */
  raw(name: string): string | undefined {
    const field = this.#find(name);
    return field && this.#scan.text.slice(field.start, field.end);
  }

  /** Any JSON value; `null` if it is not there. */
  json(name: string): JsonText | null {
    const raw = this.raw(name);
    return raw === undefined ? null : new JsonText(raw);
  }

  /** A string. If it is not there: `missing`, or invalid without that. */
  string(name: string, missing?: string): string {
    const field = this.#find(name);
    if (field === undefined && missing !== undefined) return missing;
    const text = field && this.#stringOf(field);
    if (text == null) throw this.mustBe(name, "a string");
    return text;
  }

  /** A string; `null` if it is null or not there. */
  stringOrNull(name: string): string | null {
    return this.#isNullish(name) ? null : this.string(name);
  }

  /** A boolean; `missing` if it is not there. */
  boolean(name: string, missing: boolean): boolean {
    const raw = this.raw(name);
    if (raw === undefined) return missing;
    if (raw !== "true" && raw !== "false") throw this.mustBe(name, "a boolean");
    return raw === "true";
  }

  /** A number; `null` if it is null or not there. */
  numberOrNull(name: string): number | null {
    const raw = this.raw(name);
    if (raw === undefined || raw === "null") return null;
    const value = /^[-\d]/.test(raw) ? Number(raw) : Number.NaN;
    if (!Number.isFinite(value)) throw this.mustBe(name, "a number");
    return value;
  }

  /** An object with a shape. */
  object(name: string): Fields {
    const fields = this.#find(name)?.fields;
    if (!fields) throw this.mustBe(name, "an object");
    return fields;
  }

  /** An object with a shape; `null` if it is null or not there. */
  objectOrNull(name: string): Fields | null {
    return this.#isNullish(name) ? null : this.object(name);
  }

  /** The text of a field's value, the last one if it comes twice; `undefined` if it is not there. */
  rawIfAny(name: string): string | undefined {
    const field = this.#fields.get(name);
    return field && this.#scan.text.slice(field.start, field.end);
  }

  /** What can still be read of a message that is invalid: a string, only one, and of whole characters; else `null`. */
  stringIfAny(name: string): string | null {
    const field = this.#fields.get(name);
    const text = field === undefined || field.repeated ? null : this.#stringOf(field);
    return text?.isWellFormed() ? text : null;
  }

  /** As {@link stringIfAny}, for an object with a shape. */
  objectIfAny(name: string): Fields | null {
    const field = this.#fields.get(name);
    return field === undefined || field.repeated ? null : field.fields;
  }

  mustBe(name: string, what: string): UnfitField {
    const is = this.#fields.has(name) ? "must be" : "is missing; it must be";
    return new UnfitField(`${this.#prefix}${name} ${is} ${what}`);
  }

  #isNullish(name: string): boolean {
    const field = this.#find(name);
    return field === undefined || this.#scan.text.startsWith("null", field.start);
  }

  /** `null` if the field holds something else, or was not read to its end. */
  #stringOf({ start, end }: Field): string | null {
    const { text } = this.#scan;
    return end > start && text[start] === '"' ? unquote(text, start, end) : null;
  }

  #find(name: string): Field | undefined {
    const field = this.#fields.get(name);
    if (field?.repeated) throw new UnfitField(`${this.#prefix}${name} comes twice`);
    return field;
  }
}

/** What the JSON string from `start` to `end` says. */
function unquote(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes("\\") ? (JSON.parse(text.slice(start, end)) as string) : inner;
}
