import { readTaggedTitles } from "./read-tags.ts";
import { ROOT } from "./root.ts";
import { type Promised, survey } from "./survey.ts";

// usage: main.ts [--table] [wire] [redis] [producer] [runner] [config] [trap]
// Lists what no test title names, and exits 1 if there is any. With --table: every section and trap with its tests.

const args = process.argv.slice(2);
const documents = args.filter((arg) => !arg.startsWith("--"));
const { promised, notOurs, notYet, unknown } = survey(await readTaggedTitles(ROOT), documents);
const missing = promised.filter(({ titles }) => titles.length === 0);
const stale = notYet.filter(({ titles }) => titles.length > 0);

if (args.includes("--table")) print(promised.flatMap(toRows));
print(notOurs.map(({ tag, reason }) => `not ours  [${tag}]  ${reason}`));
print(notYet.map(({ tag, about, issue }) => `not yet   [${tag}]  ${about} (issue ${issue})`));
print(missing.map(({ tag, about }) => `missing   [${tag}]  ${about}`));
print(stale.map(({ tag }) => `stale     [${tag}]  is listed as not built yet, and has a test`));
print(unknown.map(({ tag, title }) => `unknown   [${tag}]  ${title.file}: ${title.title}`));
print([`${promised.length - missing.length} of ${promised.length} sections and traps have a test`]);
process.exitCode = missing.length + stale.length + unknown.length === 0 ? 0 : 1;

function toRows({ tag, about, titles }: Promised): string[] {
  return [`[${tag}]  ${about}`, ...titles.map(({ file, title }) => `    ${file}: ${title}`)];
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
