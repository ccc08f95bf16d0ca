/** `lease_seconds` → `leaseSeconds`, as a type. */
export type CamelCase<Text> = Text extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Text;

/** Keys of `rrq.toml` as a program spells them. */
export function camelKeys<Table extends object>(table: Table): { [Key in keyof Table as CamelCase<Key>]: Table[Key] } {
  // Safe: the type says key by key what `camelCase` does.
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [camelCase(key), value])) as {
    [Key in keyof Table as CamelCase<Key>]: Table[Key];
  };
}

export function camelCase(text: string): string {
  return text.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export function snakeCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
