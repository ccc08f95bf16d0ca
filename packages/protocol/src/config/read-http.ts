import type { ConfigTable } from "./config-node.ts";
import { readSubtable, readTable } from "./read-table.ts";
import { httpShape } from "./schema.ts";
import type { RrqSettings } from "./settings.ts";
import { keyName, type TableContext, within } from "./table-context.ts";
import { reportUnknownKeys } from "./unknown-keys.ts";

/** `[rrq.http]`: without it nothing is served. */
export function readHttp(rrq: ConfigTable, context: TableContext): RrqSettings["http"] {
  const table = readSubtable(rrq, "http", context);
  if (table === null) return null;
  const inside = within(context, "http");
  reportUnknownKeys(table, "[rrq.http]", inside);
  const { host = "127.0.0.1", port } = readTable(table, httpShape, inside);
  if (!table.entries.has("port")) {
    context.findings.problem(table.place, `${keyName(inside, "port")} is missing; it takes ${httpShape.port.description ?? "a port"}.`);
  }
  return port === undefined ? null : { host, port };
}
