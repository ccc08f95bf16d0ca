import { memberText } from "./member-text.ts";

/** Upstream's limits: entries, and bytes of UTF-8. */
const MAX_ENTRIES = 16;
const MAX_NAME_BYTES = 64;
const MAX_VALUE_BYTES = 256;

export interface CorrelationSources {
  /** The params as JSON text: a number keeps the form it has there. */
  readonly params: string;
  /** Attribute name → path into the params. */
  readonly mappings: Readonly<Record<string, string>>;
  /** A header of the name of an attribute wins over its path. */
  readonly trace: Readonly<Record<string, string>> | null;
  /** What the call says itself; wins over the mappings. */
  readonly given: Readonly<Record<string, string>> | null;
}

/** The attributes that spans and logs of a job carry; `null` for none. */
export function correlate(sources: CorrelationSources): Readonly<Record<string, string>> | null {
  const { mappings, trace, given } = sources;
  const found = new Map<string, string>();
  const add = (attribute: string, read: (name: string) => string | null): void => {
    const name = attribute.trim();
    if (found.size >= MAX_ENTRIES || found.has(name) || name === "" || Buffer.byteLength(name) > MAX_NAME_BYTES) return;
    const value = read(name);
    if (value) found.set(name, cut(value));
  };
  for (const [attribute, value] of Object.entries(given ?? {})) add(attribute, () => value);
  for (const [attribute, path] of Object.entries(mappings)) {
    add(attribute, (name) => (trace !== null && Object.hasOwn(trace, name) && trace[name]) || readPath(sources.params, path));
  }
  return found.size === 0 ? null : Object.fromEntries(found);
}

/** The string, boolean or number at a dotted path; arrays are not looked into. */
function readPath(params: string, path: string): string | null {
  const steps = path.trim().replace(/^params\./, "").split(".");
  if (steps.join("") === "" || steps.slice(1).includes("")) return null;
  const text = memberText(params, steps);
  if (text === null || /^[{[n]/.test(text)) return null;
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

/** At most so many bytes, and no half character. */
function cut(value: string): string {
  if (Buffer.byteLength(value) <= MAX_VALUE_BYTES) return value;
  let bytes = 0;
  let kept = "";
  for (const character of value) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_VALUE_BYTES) break;
    kept += character;
  }
  return kept;
}
