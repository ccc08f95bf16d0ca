import { JsonText } from "../json-text.ts";

/** Where a setting was written: in the file (both from 1), in an environment variable, or in a program (`null`). */
export type Place = { readonly line: number; readonly column: number } | { readonly variable: string } | null;

/** A value of a configuration, with the place where it was written. */
export type ConfigNode =
  | ConfigTable
  | { readonly kind: "array"; readonly place: Place; readonly items: ConfigNode[] }
  | { readonly kind: "string"; readonly place: Place; readonly value: string }
  | { readonly kind: "integer"; readonly place: Place; readonly value: bigint }
  /** `text` is TOML's, without underscores. */
  | { readonly kind: "float"; readonly place: Place; readonly value: number; readonly text: string }
  | { readonly kind: "boolean"; readonly place: Place; readonly value: boolean }
  | { readonly kind: "date-time"; readonly place: Place; readonly text: string }
  /** From a program only: TOML has no `null`, and no text of JSON. */
  | { readonly kind: "json"; readonly place: Place; readonly value: JsonText };

export interface ConfigTable {
  readonly kind: "table";
  readonly place: Place;
  readonly entries: Map<string, ConfigEntry>;
}

export interface ConfigEntry {
  /** Where the key is. */
  readonly place: Place;
  readonly node: ConfigNode;
}

/** Stands for what no setting can be, among plain values. */
const UNUSABLE = Symbol("unusable");

/** The value without its places: integers as `bigint`, floats as `number`, so that `5` and `5.0` differ. */
export function toPlain(node: ConfigNode): unknown {
  switch (node.kind) {
    case "table":
      return Object.fromEntries(Array.from(node.entries, ([key, entry]) => [key, toPlain(entry.node)]));
    case "array":
      return node.items.map(toPlain);
    case "date-time":
    case "json":
      return UNUSABLE;
    default:
      return node.value;
  }
}

/** A value of a program as a node: whole numbers count as integers, `null` and `undefined` as not there. */
function fromPlain(value: unknown): ConfigNode {
  const place = null;
  if (JsonText.is(value)) return { kind: "json", place, value };
  if (Array.isArray(value)) return { kind: "array", place, items: value.map(fromPlain) };
  switch (typeof value) {
    case "string":
      return { kind: "string", place, value };
    case "boolean":
      return { kind: "boolean", place, value };
    case "bigint":
      return { kind: "integer", place, value };
    case "number":
      return Number.isInteger(value)
        ? { kind: "integer", place, value: BigInt(value) }
        : { kind: "float", place, value, text: String(value) };
    default:
      return tableOf(value instanceof Map ? value : Object.entries(value ?? {}));
  }
}

/** A table of a program's values, as `fromPlain` makes them. */
export function tableOf(pairs: Iterable<[string, unknown]>): ConfigTable {
  const entries = new Map<string, ConfigEntry>();
  for (const [key, value] of pairs) {
    if (value !== null && value !== undefined) entries.set(key, { place: null, node: fromPlain(value) });
  }
  return { kind: "table", place: null, entries };
}
