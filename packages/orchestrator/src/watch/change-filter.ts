import ignore from "ignore";
import picomatch from "picomatch";

export interface ChangeFilterOptions {
  /** Globs, in which `*` matches `/` too. A path counts when its path from the root, or its last part, matches one; none: all count. */
  readonly includePatterns: readonly string[];
  /** What never counts; matched the same way. */
  readonly ignorePatterns: readonly string[];
  /** Texts in the form of a `.gitignore`. */
  readonly gitignores: readonly string[];
}

/** Whether a change of this path, from the root of the watch and with `/`, is one to restart for. */
export type ChangeFilter = (path: string) => boolean;

export function createChangeFilter(options: ChangeFilterOptions): ChangeFilter {
  const included = matcher(options.includePatterns);
  const ignored = matcher(options.ignorePatterns);
  const gitignore = ignore();
  for (const text of options.gitignores) gitignore.add(text);
  return (path) =>
    path !== "" &&
    !gitignore.ignores(path) &&
    !ignored(path) &&
    (options.includePatterns.length === 0 || included(path));
}

function matcher(patterns: readonly string[]): (path: string) => boolean {
  const match = picomatch([...patterns], { bash: true, dot: true });
  return (path) => match(path) || match(path.slice(path.lastIndexOf("/") + 1));
}
