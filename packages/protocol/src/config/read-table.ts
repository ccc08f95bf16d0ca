import type { z } from "zod";
import { type ConfigEntry, type ConfigNode, type ConfigTable, toPlain } from "./config-node.ts";
import { describeValue } from "./describe-value.ts";
import type { Findings } from "./findings.ts";
import { likelyIntention } from "./likely-intention.ts";
import { keyName, type TableContext } from "./table-context.ts";

export type Shape = Readonly<Record<string, z.ZodType>>;

/** What the keys of a table hold: nothing for those that are not there, and for those that hold a wrong value. */
export type Values<Of extends Shape> = { readonly [Key in keyof Of]?: z.output<Of[Key]> };

/** Reads the keys of `shape` one by one, so that one wrong value hides no other. */
export function readTable<Of extends Shape>(table: ConfigTable, shape: Of, context: TableContext): Values<Of> {
  const values: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const entry = table.entries.get(key);
    if (entry === undefined) continue;
    const plain = toPlain(entry.node);
    const reading = schema.safeParse(plain);
    if (reading.success) values[key] = reading.data;
    else reportWrongValue(entry, schema, reading.error, keyName(context, key), context.findings);
  }
  // Safe: every value was made by the schema of its key.
  return values as Values<Of>;
}

/** The table at `key`; `null` if there is none, or if it is something else, which is reported. */
export function readSubtable(table: ConfigTable, key: string, context: TableContext): ConfigTable | null {
  const node = table.entries.get(key)?.node;
  if (node === undefined || node.kind === "table") return node ?? null;
  const name = keyName(context, key);
  context.findings.problem(node.place, `${name} is ${describeValue(node)}; it takes a table. Write [${name}].`);
  return null;
}

function reportWrongValue(
  entry: ConfigEntry,
  schema: z.ZodType,
  error: z.ZodError,
  name: string,
  findings: Findings,
): void {
  const intention = likelyIntention(toPlain(entry.node), schema);
  const advice = `it takes ${schema.description ?? "something else"}.${intention === undefined ? "" : ` ${intention}`}`;
  const seen = new Set<ConfigNode>();
  for (const issue of error.issues) {
    const { node, path } = locate(entry.node, issue.path);
    if (seen.has(node)) continue;
    seen.add(node);
    // Values of an `env` may be secrets.
    const found = describeValue(node, { secret: name.endsWith(".env") });
    findings.problem(node.place, `${name}${path} is ${found}; ${advice}`);
  }
}

function locate(node: ConfigNode, path: readonly PropertyKey[]): { readonly node: ConfigNode; readonly path: string } {
  let spelt = "";
  for (const step of path) {
    const next =
      node.kind === "table" ? node.entries.get(String(step))?.node : node.kind === "array" ? node.items[Number(step)] : undefined;
    if (next === undefined) break;
    spelt += typeof step === "number" ? `[${step}]` : `.${String(step)}`;
    node = next;
  }
  return { node, path: spelt };
}
