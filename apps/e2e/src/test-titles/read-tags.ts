import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { listRepositoryFiles } from "../repository-files.ts";

/** A test title that says what it shows. */
export interface TaggedTitle {
  /** Relative to the root. */
  readonly file: string;
  readonly title: string;
  /** `wire §4.2`, `trap 17`. */
  readonly tags: readonly string[];
}

const TEST_FILE = /\.(test|test-d)\.ts$/;
/** Their tags are examples. */
const OWN_TESTS = "apps/e2e/src/test-titles/";
const COMMENT = /^\s*(\/\/|\/?\*).*$/gm;
const LITERAL = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
const DOCUMENTS = "wire|redis|producer|runner|config|trap";
const BRACKET = new RegExp(`\\[((?:${DOCUMENTS}) §?\\d[^\\]]*)\\]`, "g");
const PART = new RegExp(`(?:(${DOCUMENTS}) )?§?(\\d+(?:\\.\\d+)*)`, "g");

/** Every tagged title in the test files of this repository. */
export async function readTaggedTitles(root: string): Promise<TaggedTitle[]> {
  const { paths } = await listRepositoryFiles(root);
  const files = paths.filter((path) => TEST_FILE.test(path) && !path.startsWith(OWN_TESTS));
  const titles = files.map(async (file) =>
    findTitles(await readFile(join(root, file), "utf8")).map((found) => ({ file, ...found })),
  );
  return (await Promise.all(titles)).flat();
}

/** The tagged titles in the text of one test file: texts in quotes, wherever they stand, since titles come from tables too. */
export function findTitles(source: string): Omit<TaggedTitle, "file">[] {
  const literals = source.replace(COMMENT, "").match(LITERAL) ?? [];
  return literals.flatMap((literal) => {
    const title = literal.slice(1, -1);
    const tags = findTags(title);
    return tags.length === 0 ? [] : [{ title, tags }];
  });
}

/** `[trap 3] [redis §4.2, §4.3] …` names three. A number without a word has that of the one before. */
export function findTags(title: string): string[] {
  const brackets = title.matchAll(BRACKET);
  return [...brackets].flatMap(([, inside = ""]) => {
    let document = "";
    return [...inside.matchAll(PART)].map(([, word, number = ""]) => {
      document = word ?? document;
      return document === "trap" ? `trap ${number}` : `${document} §${number}`;
    });
  });
}
