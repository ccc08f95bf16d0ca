/**
 * The text of a member of an object deep in JSON, without making values of it; `null` if a name is missing or leads into
 * something other than an object. The JSON must be valid: it is not checked again. Of equal names the last one counts, as for
 * every parser.
 */
export function memberText(json: string, path: readonly string[]): string | null {
  let span: Span = { start: blank(json, 0), end: json.length };
  for (const name of path) {
    const member = findMember(json, span.start, name);
    if (member === null) return null;
    span = member;
  }
  return json.slice(span.start, span.end).trimEnd();
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function findMember(json: string, at: number, name: string): Span | null {
  if (json[at] !== "{") return null;
  let found: Span | null = null;
  at = blank(json, at + 1);
  while (json[at] === '"') {
    const keyEnd = stringEnd(json, at);
    const key: unknown = JSON.parse(json.slice(at, keyEnd));
    const start = blank(json, blank(json, keyEnd) + 1); // over the colon
    const end = valueEnd(json, start);
    if (key === name) found = { start, end };
    at = blank(json, end);
    if (json[at] === ",") at = blank(json, at + 1);
  }
  return found;
}

function blank(json: string, at: number): number {
  while (/\s/.test(json.charAt(at))) at += 1;
  return at;
}

/** The index behind the string that starts at `at`. */
function stringEnd(json: string, at: number): number {
  for (at += 1; json[at] !== '"'; at += 1) {
    if (json[at] === "\\") at += 1;
  }
  return at + 1;
}

/** The index behind the value that starts at `at`. */
function valueEnd(json: string, at: number): number {
  let depth = 0;
  do {
    const character = json.charAt(at);
    if (character === '"') {
      at = stringEnd(json, at);
      continue;
    }
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    at += 1;
    // A number or a word, up to what cannot belong to it.
    if (depth === 0 && /[\w+.-]/.test(character)) while (/[\w+.-]/.test(json.charAt(at))) at += 1;
  } while (depth > 0 && at < json.length);
  return at;
}
