export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** Rows under their titles, each column as wide as its widest cell. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => row[index]?.length ?? 0)));
  return all
    .map((row) =>
      columns
        .map(({ align }, index) => {
          const cell = row[index] ?? "";
          const width = widths[index] ?? 0;
          return align === "left" ? cell.padEnd(width) : cell.padStart(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
