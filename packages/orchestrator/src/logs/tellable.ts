import { redactDsn } from "@rrq/protocol/redis";
import type { LogFields } from "../log.ts";

const DEEPEST_CAUSE = 3;
/** A Redis DSN in a text, without the punctuation after it. */
const DSN = /\b(?:redis|valkey)s?(?:\+[a-z]+)?:\/\/[^\s"'`<>]*[^\s"'`<>.,;:)\]]/gi;

/** A text without the logins of the Redis DSNs in it. */
export function withoutLogins(text: string): string {
  return text.includes("://") ? text.replace(DSN, redactDsn) : text;
}

/**
 * Fields as any form of a log can hold them. Errors become text: an object made of one has whatever hangs on it, and on an error
 * of the Redis client that is the command, the password of a login too.
 */
export function tellable(fields: LogFields): LogFields {
  const told: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name !== "message" && value !== undefined) told[name] = tellableValue(value);
  }
  return told;
}

function tellableValue(value: unknown): unknown {
  switch (typeof value) {
    case "string":
      return withoutLogins(value);
    case "bigint":
    case "symbol":
    case "function":
      return String(value);
    default:
      return value instanceof Error ? withoutLogins(describeError(value)) : value;
  }
}

/** Its stack, with its code, and the stacks of its causes. */
function describeError(error: Error, depth = 0): string {
  const text = error.stack ?? String(error);
  const code = "code" in error && typeof error.code === "string" && !text.includes(error.code) ? ` [${error.code}]` : "";
  const [first = "", ...rest] = text.split("\n");
  const own = [first + code, ...rest].join("\n");
  const { cause } = error;
  if (!(cause instanceof Error) || depth === DEEPEST_CAUSE) return own;
  return `${own}\ncaused by: ${describeError(cause, depth + 1)}`;
}
