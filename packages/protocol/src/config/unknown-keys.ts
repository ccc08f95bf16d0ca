import type { ConfigTable } from "./config-node.ts";
import { nearestWord } from "./nearest-word.ts";
import { cronJobShape, httpShape, rrqShape, runnerShape, unusedShape, watchShape } from "./schema.ts";
import { keyName, type TableContext } from "./table-context.ts";

/** Keys that each table of `rrq.toml` knows, by how its header is written. */
const KNOWN = {
  "[rrq]": [...Object.keys({ ...rrqShape, ...unusedShape }), "runners", "runner_routes", "cron_jobs", "watch", "http"],
  "[rrq.runners.<name>]": Object.keys(runnerShape),
  "[[rrq.cron_jobs]]": [...Object.keys(cronJobShape), "params"],
  "[rrq.watch]": Object.keys(watchShape),
  "[rrq.http]": Object.keys(httpShape),
} as const satisfies Record<string, readonly string[]>;

export type TableName = keyof typeof KNOWN;

export function isKnownKey(table: TableName, key: string): boolean {
  return KNOWN[table].includes(key);
}

/**
 * Reports the keys of `table` that nobody reads, and what was probably meant: a problem in the table of a runner, where upstream
 * refuses them too, a warning elsewhere.
 */
export function reportUnknownKeys(table: ConfigTable, name: TableName, context: TableContext): void {
  const { findings, strict, spell } = context;
  for (const [key, entry] of table.entries) {
    if (isKnownKey(name, key)) continue;
    const text = `${keyName(context, key)} is not known. ${explain(key, name, spell)}`;
    if (strict || name === "[rrq.runners.<name>]") findings.problem(entry.place, text);
    else findings.warning(entry.place, text);
  }
}

function explain(key: string, name: TableName, spell: (key: string) => string): string {
  const home = (Object.keys(KNOWN) as TableName[]).find((other) => other !== name && isKnownKey(other, key));
  if (home !== undefined) return `It belongs into ${home}.`;
  const known = KNOWN[name];
  const meant = nearestWord(key, known);
  if (meant !== undefined) return `Did you mean ${spell(meant)}?`;
  return name === "[rrq]" ? "It is ignored." : `${name} takes ${known.map(spell).join(", ")}.`;
}
