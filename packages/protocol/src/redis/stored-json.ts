import { JsonScan, JsonSyntaxError } from "../json-scan.ts";
import { MAX_DEPTH } from "../limits.ts";

/** Whether a text in Redis is JSON for every reader: upstream's take no lone surrogates, and nothing too deep. */
export function isStoredJson(text: string): boolean {
  const scan = new JsonScan(text, MAX_DEPTH);
  try {
    scan.all();
  } catch (error) {
    if (error instanceof JsonSyntaxError) return false;
    throw error;
  }
  return scan.tooDeepAt === -1 && scan.loneSurrogateAt === -1;
}

/** As {@link isStoredJson}, and the value is an object. */
export function isStoredObject(text: string): boolean {
  return /^\s*\{/.test(text) && isStoredJson(text);
}

/** The object that a text in Redis holds; `null` if it holds none. */
export function parseStoredObject(text: string): Readonly<Record<string, unknown>> | null {
  return isStoredObject(text) ? (JSON.parse(text) as Record<string, unknown>) : null;
}
