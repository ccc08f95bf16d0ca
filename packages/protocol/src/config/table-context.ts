import type { Findings } from "./findings.ts";

/** Where the table that is being read stands, and what becomes of what is found in it. */
export interface TableContext {
  /** Its key in full, such as `rrq.runners.node`; empty at the root. */
  readonly path: string;
  /** How a key is spelt where the settings come from: as it is in a file, in camel case in a program. */
  readonly spell: (key: string) => string;
  /** Unknown keys are problems everywhere, and not warnings. */
  readonly strict: boolean;
  readonly findings: Findings;
}

/** A key of the table in full, for messages. */
export function keyName({ path, spell }: TableContext, key: string): string {
  return path === "" ? spell(key) : `${path}.${spell(key)}`;
}

/** The context of the table at `key`. */
export function within(context: TableContext, key: string): TableContext {
  return { ...context, path: keyName(context, key) };
}
