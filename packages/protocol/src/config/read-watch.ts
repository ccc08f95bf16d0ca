import type { ConfigTable } from "./config-node.ts";
import { DEFAULTS } from "./defaults.ts";
import { camelKeys } from "./key-case.ts";
import { readSubtable, readTable } from "./read-table.ts";
import { watchShape } from "./schema.ts";
import type { WatchSettings } from "./settings.ts";
import { type TableContext, within } from "./table-context.ts";
import { reportUnknownKeys } from "./unknown-keys.ts";

/** `[rrq.watch]`. An empty list of patterns means the default one. */
export function readWatch(rrq: ConfigTable, context: TableContext): WatchSettings {
  const table = readSubtable(rrq, "watch", context);
  if (table === null) return DEFAULTS.watch;
  const inside = within(context, "watch");
  reportUnknownKeys(table, "[rrq.watch]", inside);
  const watch = { ...DEFAULTS.watch, ...camelKeys(readTable(table, watchShape, inside)) };
  const { includePatterns, ignorePatterns } = watch;
  return {
    ...watch,
    includePatterns: includePatterns.length > 0 ? includePatterns : DEFAULTS.watch.includePatterns,
    ignorePatterns: ignorePatterns.length > 0 ? ignorePatterns : DEFAULTS.watch.ignorePatterns,
  };
}
