import { redactDsn } from "../redis/redact-dsn.ts";
import type { ConfigNode } from "./config-node.ts";

const KINDS: Readonly<Record<ConfigNode["kind"], string>> = {
  table: "a table",
  array: "an array",
  string: "a string",
  integer: "a whole number",
  float: "a number with a fraction",
  boolean: "true or false",
  "date-time": "a date or time",
  json: "a JSON value",
};

const SHOWN_LENGTH = 60;

/** What an error says was found. `secret` for values that may not be shown. */
export function describeValue(node: ConfigNode, options: { readonly secret?: boolean } = {}): string {
  if (options.secret === true) return KINDS[node.kind];
  switch (node.kind) {
    case "string":
      return `${writeText(node.value)} (${KINDS.string})`;
    case "boolean":
      return String(node.value);
    case "integer":
      return String(node.value);
    case "float":
      return Number.isInteger(node.value) ? `${node.text} (${KINDS.float})` : node.text;
    default:
      return KINDS[node.kind];
  }
}

/** A string as it is written in TOML, cut if it is long, without credentials. */
export function writeText(text: string): string {
  const open = hideCredentials(text);
  return JSON.stringify(open.length <= SHOWN_LENGTH ? open : `${open.slice(0, SHOWN_LENGTH - 3)}...`);
}

/** A DSN may also stand inside a command line, or lack its scheme. */
function hideCredentials(text: string): string {
  return text.replace(/[a-z][a-z0-9+.-]*:\/\/\S*/gi, redactDsn).replace(/\S*:\S*@\S*/g, redactDsn);
}
