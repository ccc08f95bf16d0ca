import { writeFile } from "node:fs/promises";
import { mutants } from "@rrq/mutants";
import { readTaggedTitles } from "./read-tags.ts";
import { ROOT } from "./root.ts";
import { survey } from "./survey.ts";
import { formatTrapTable, TRAP_TABLE } from "./trap-table.ts";

await writeFile(TRAP_TABLE, formatTrapTable(survey(await readTaggedTitles(ROOT)), mutants));
