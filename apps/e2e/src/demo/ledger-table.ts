import type { Account, Ledger } from "./ledger.ts";

const COLUMNS: readonly (readonly [title: string, show: (account: Account) => string])[] = [
  ["enqueued", ({ enqueued }) => `${enqueued}`],
  ["completed", ({ completed }) => `${completed}`],
  ["retried", ({ retried }) => `${retried}`],
  ["dead-lettered", ({ deadLettered }) => `${deadLettered}`],
  ["cancelled", ({ cancelled }) => `${cancelled}`],
  ["p50 ms", ({ p50Ms }) => milliseconds(p50Ms)],
  ["p95 ms", ({ p95Ms }) => milliseconds(p95Ms)],
];

/** One line per function, the sum below a rule. */
export function formatLedger(ledger: Ledger): string[] {
  const title = ["function", ...COLUMNS.map(([name]) => name)];
  const rows = [...ledger.byFunction].map(([name, account]) => toRow(name, account));
  const total = toRow("all", ledger.total);
  const all = [title, ...rows, total];
  const widths = title.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ");
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [line(title), rule, ...rows.map(line), rule, line(total)];
}

function toRow(name: string, account: Account): string[] {
  return [name, ...COLUMNS.map(([, show]) => show(account))];
}

function milliseconds(value: number | null): string {
  return value === null ? "–" : Math.round(value).toLocaleString("en");
}
