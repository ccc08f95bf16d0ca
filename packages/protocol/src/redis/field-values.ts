import { JsonText } from "../json-text.ts";
import { isStoredJson, isStoredObject, parseStoredObject } from "./stored-json.ts";

/** Text of a field; Redis clients say `null` or nothing for an absent one. */
export type FieldText = string | null | undefined;

const NO_PARAMS = new JsonText("{}");

/** A 64-bit integer in decimal, as a double; `null` if it is none. */
export function readInteger(text: FieldText): number | null {
  if (text == null || !/^[+-]?\d{1,40}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) || BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? value : null;
}

/** A JSON object as it was written; `{}` if there is none. */
export function readParams(text: FieldText): JsonText {
  return text != null && isStoredObject(text) ? new JsonText(text) : NO_PARAMS;
}

/** A JSON value as it was written; `null` if there is none, or it is `null`. */
export function readResult(text: FieldText): JsonText | null {
  if (text == null || text === "" || text.toLowerCase() === "null") return null;
  return isStoredJson(text) ? new JsonText(text) : null;
}

/** A JSON object of strings; `null` if it is none. */
export function readStringMap(text: FieldText): Readonly<Record<string, string>> | null {
  const map = text == null ? null : parseStoredObject(text);
  return map !== null && isStringMap(map) ? map : null;
}

function isStringMap(map: Readonly<Record<string, unknown>>): map is Readonly<Record<string, string>> {
  return Object.values(map).every((value) => typeof value === "string");
}
