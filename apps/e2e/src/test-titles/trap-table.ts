import { join } from "node:path";
import type { TaggedTitle } from "./read-tags.ts";
import { ROOT } from "./root.ts";
import type { Awaited, Promised, Survey } from "./survey.ts";

/** The committed table. */
export const TRAP_TABLE = join(ROOT, "apps/e2e/TRAPS.md");

/** Of a mutant, what the table tells. */
export interface TrapMutant {
  readonly name: string;
  readonly trap: number | null;
}

const HEAD = `# Traps

How the original fails, turned round: what a user sees of ours instead, the tests that show it, and the mutants (a line taken
out of a copy of the code by \`apps/mutants\`) that turn such a test red. Made from the test titles by
\`pnpm --dir apps/e2e run traps\`; a test holds it fresh.
`;

/** The table of all traps as Markdown. */
export function formatTrapTable({ promised, notYet }: Survey, mutants: readonly TrapMutant[]): string {
  const traps = [...promised, ...notYet].filter(({ tag }) => tag.startsWith("trap ")).sort((a, b) => numberOf(a) - numberOf(b));
  return [HEAD, ...traps.map((trap) => formatTrap(trap, mutants.filter((mutant) => mutant.trap === numberOf(trap))))].join("\n");
}

function formatTrap(trap: Promised | Awaited, mutants: readonly TrapMutant[]): string {
  const lines = [`## ${numberOf(trap)}. ${trap.about}`, ""];
  if ("issue" in trap) lines.push(`Not built yet: issue ${trap.issue}.`);
  for (const [file, titles] of byFile(trap.titles)) {
    lines.push(`- \`${file}\``, ...titles.map(({ title }) => `  - ${plain(title)}`));
  }
  if (mutants.length > 0) lines.push("", `Mutants: ${mutants.map(({ name }) => name).join("; ")}.`);
  return [...lines, ""].join("\n");
}

function byFile(titles: readonly TaggedTitle[]): [file: string, titles: TaggedTitle[]][] {
  const files = new Map<string, TaggedTitle[]>();
  for (const title of titles) files.set(title.file, [...(files.get(title.file) ?? []), title]);
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A title without its tags, and with nothing that Markdown would take for its own. */
function plain(title: string): string {
  const text = title.replace(/\[(?:[a-z]+ §?\d[^\]]*)\]\s*/g, "").replaceAll(/\\(["'`\\])/g, "$1").trim();
  return text.replaceAll(/[\\`*_<>[\]]/g, "\\$&");
}

function numberOf({ tag }: Promised): number {
  return Number(tag.slice("trap ".length));
}
