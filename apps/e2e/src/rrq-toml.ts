type Value = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

/** One table, with the names that it has in the file. */
export type TomlTable = Readonly<Record<string, Value>>;

/** What goes into an `rrq.toml`. */
export interface RrqToml {
  /** Keys of `[rrq]`. */
  readonly rrq?: TomlTable;
  readonly runners?: Readonly<Record<string, TomlTable>>;
  /** Queue → runner. */
  readonly routes?: Readonly<Record<string, string>>;
}

/** The text of an `rrq.toml` that both upstream's command and ours take. */
export function formatRrqToml({ rrq = {}, runners = {}, routes = {} }: RrqToml): string {
  const tables = [
    table("rrq", rrq),
    ...Object.entries(runners).map(([name, runner]) => table(`rrq.runners.${name}`, runner)),
    table("rrq.runner_routes", routes),
  ];
  return tables.join("\n");
}

function table(name: string, pairs: TomlTable): string {
  return [`[${name}]`, ...Object.entries(pairs).map(([key, value]) => `${key} = ${format(value)}`), ""].join("\n");
}

/** TOML writes texts, numbers, truth values and lists as JSON does. */
function format(value: Value): string {
  if (typeof value !== "object" || Array.isArray(value)) return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([key, text]) => `${key} = ${JSON.stringify(text)}`).join(", ")} }`;
}
