/** A change that must turn a test red. */
export interface Mutant {
  /** What is taken away, in words. */
  readonly name: string;
  /** The trap of the original that the line keeps us out of; `null` for a guard of a script beside those. */
  readonly trap: number | null;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Test files, from the root of the repository; all of one package. */
  readonly tests: readonly string[];
}

/** The text with the change in it. Throws if what is to be changed does not stand in it exactly once. */
export function mutate(text: string, { name, file, find, replace }: Mutant): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`mutant '${name}': its text stands ${parts.length - 1} times in ${file}`);
  return parts.join(replace);
}
