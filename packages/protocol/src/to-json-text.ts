import type { JsonText } from "./json-text.ts";

export interface JsonTextLimits {
  /** Bytes of UTF-8. @default MAX_VALUE_BYTES */
  readonly maxBytes?: number;
  /** Open `{` and `[` at any place. @default MAX_VALUE_DEPTH */
  readonly maxDepth?: number;
  /** What the value is called in errors. @default "value" */
  readonly what?: string;
}

/** Serialises `value` as `JSON.stringify` would; throws `NOT_JSON`, `TOO_DEEP` or `TOO_LARGE` where that would lose something. */
export function jsonText(value: unknown, limits: JsonTextLimits = {}): JsonText {
  throw new Error(`not written yet: ${String(value)} ${String(limits.what)}`);
}
