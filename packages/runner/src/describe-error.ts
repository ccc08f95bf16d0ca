import { inspect, types } from "node:util";
import type { JobError } from "@rrq/protocol";

/** Longer texts are cut: an answer has to stay sendable, and people read it. */
const MAX_MESSAGE_CHARS = 8_192;
const MAX_STACK_CHARS = 16_384;
const MAX_CAUSES = 5;

/** Words that mean something else than a failure on the wire. */
const RESERVED_TYPES: readonly string[] = ["handler_not_found", "timeout", "cancelled"];

/**
 * What is told of a thrown value: the name of an error as `type`, its code, its stack and causes in `details`.
 * Reading the value may run code of the handler's; whatever that does, this answers.
 */
export function describeError(error: unknown): JobError {
  try {
    return isError(error) ? describe(error) : { message: cut(messageOf(error), MAX_MESSAGE_CHARS) };
  } catch {
    return { message: "Handler threw a value that cannot be read" };
  }
}

function describe(error: Error): JobError {
  const name = cut(String(error.name), MAX_MESSAGE_CHARS);
  const code: unknown = "code" in error ? error.code : undefined;
  return {
    message: cut(String(error.message), MAX_MESSAGE_CHARS) || name,
    ...(name === "" || RESERVED_TYPES.includes(name) ? {} : { type: name }),
    ...(typeof code === "string" ? { code: cut(code, MAX_MESSAGE_CHARS) } : {}),
    details: { stack: cut(stackOf(error), MAX_STACK_CHARS) },
  };
}

function stackOf(error: Error): string {
  let text = String(error.stack ?? error);
  let cause = error.cause;
  for (let depth = 0; depth < MAX_CAUSES && isError(cause); depth += 1) {
    text += `\nCaused by: ${String(cause.stack ?? cause)}`;
    cause = cause.cause;
  }
  return text;
}

function messageOf(value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  // Proxies and getters are shown, not run.
  return `Handler threw ${inspect(value, { customInspect: false, showProxy: true, depth: 3 })}`;
}

function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

/** At most `max` characters, without halves of surrogate pairs: upstream cannot decode those. */
function cut(text: string, max: number): string {
  const short = text.length > max ? `${text.slice(0, max)}…` : text;
  return short.replace(/\p{Surrogate}/gu, "\uFFFD");
}
