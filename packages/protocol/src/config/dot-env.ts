/** What a `.env` says. */
export interface DotEnv {
  readonly values: ReadonlyMap<string, string>;
  /** From 1: the first line that cannot be read. It and all behind it are left out, as upstream leaves them. */
  readonly brokenAt: number | null;
}

/** Blank lines, comments, and the blanks before an entry. */
const FILLER = /(?:\s+|#[^\n]*)+/y;
const NAME = /(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*/y;
/** What ends an entry. The blank before a comment is needed but where there is no value. */
const END = /[ \t]*\r?(?:\n|$)|[ \t]+#[^\n]*(?:\n|$)/y;
const SINGLE_QUOTED = /'([^']*)'/y;
const DOUBLE_QUOTED = /"((?:[^"\\]|\\[^])*)"/y;
const BARE = /(?:[^\s'"\\]|\\[^\n])+/y;

const ESCAPE_OR_VARIABLE = /\\([^])|\$\{([^}\n]*)\}|(\$\{)|\$([A-Za-z0-9]*)/g;

/**
 * Reads a `.env` as upstream does: `export`, quotes, comments, values over several lines, `$VAR` and `${VAR}` outside of
 * single quotes. A variable is looked up in `env`, then among the lines before; the first line of a name counts.
 */
export function parseDotEnv(text: string, env: NodeJS.ProcessEnv): DotEnv {
  const values = new Map<string, string>();
  const lookUp = (name: string): string => env[name] ?? values.get(name) ?? "";
  const source = text.replace(/^\uFEFF/, "");
  let at = take(FILLER, source, 0)?.end ?? 0;
  while (at < source.length) {
    const entry = readEntry(source, at, lookUp);
    if (entry === null) return { values, brokenAt: source.slice(0, at).split("\n").length };
    if (!values.has(entry.name)) values.set(entry.name, entry.value);
    at = take(FILLER, source, entry.end)?.end ?? entry.end;
  }
  return { values, brokenAt: null };
}

interface Entry {
  readonly name: string;
  readonly value: string;
  readonly end: number;
}

function readEntry(source: string, start: number, lookUp: (name: string) => string): Entry | null {
  const head = take(NAME, source, start);
  if (head === null) return null;
  let value = "";
  let at = head.end;
  if (source[at] === "#") return { name: head.inner, value, end: at };
  for (;;) {
    const end = take(END, source, at);
    if (end !== null) return { name: head.inner, value, end: end.end };
    const literal = take(SINGLE_QUOTED, source, at);
    const piece = literal ?? take(DOUBLE_QUOTED, source, at) ?? take(BARE, source, at);
    const text = piece === null || piece === literal ? literal?.inner : expand(piece.inner, lookUp);
    if (piece === null || text == null) return null;
    value += text;
    at = piece.end;
  }
}

/** `null` for an escape that there is not, or a brace that is not closed. */
function expand(text: string, lookUp: (name: string) => string): string | null {
  const faults: string[] = [];
  const expanded = text.replace(
    ESCAPE_OR_VARIABLE,
    (_, escaped?: string, braced?: string, openBrace?: string, bare?: string) => {
      if (escaped === "n") return "\n";
      const fault = openBrace ?? (escaped !== undefined && !`\\'"$ `.includes(escaped) ? escaped : undefined);
      if (fault !== undefined) faults.push(fault);
      return escaped ?? lookUp(braced ?? bare ?? "");
    },
  );
  return faults.length > 0 ? null : expanded;
}

/** A match of `pattern` right at `at`. */
function take(pattern: RegExp, source: string, at: number): { readonly inner: string; readonly end: number } | null {
  pattern.lastIndex = at;
  const match = pattern.exec(source);
  return match === null ? null : { inner: match[1] ?? match[0], end: at + match[0].length };
}
