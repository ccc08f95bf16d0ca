import { isUtf8 } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseDotEnv } from "./dot-env.ts";

export interface LoadEnvironmentOptions {
  /** Where `.env` is looked for first, then in its parents. @default process.cwd() */
  readonly cwd?: string | undefined;
  /** @default process.env; never written to */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export interface LoadedEnvironment {
  /** The environment, with the values of `.env` under it: a variable that is set wins, also an empty one. */
  readonly env: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** Reads the `.env` of `cwd` or of the nearest parent that has one, and touches nothing. Never fails: what cannot be read is warned about. */
export async function loadEnvironment(options: LoadEnvironmentOptions = {}): Promise<LoadedEnvironment> {
  const { cwd = process.cwd(), env = process.env } = options;
  const own = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const path = await findDotEnv(resolve(cwd));
  if (path === null) return { env: Object.fromEntries(own), warnings: [] };
  try {
    const { values, brokenAt } = parseDotEnv(decode(await readFile(path)), env);
    const warnings =
      brokenAt === null ? [] : [`${path}:${brokenAt}:1: this line is not of the form NAME=value; it and what follows are ignored.`];
    return { env: Object.fromEntries([...values, ...own]), warnings };
  } catch (error) {
    return { env: Object.fromEntries(own), warnings: [`${path}: the file is ignored: ${String(error)}`] };
  }
}

/** The first one counts, whatever is in it. */
async function findDotEnv(folder: string): Promise<string | null> {
  for (;;) {
    const path = join(folder, ".env");
    if (await isFile(path)) return path;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}

/** From the first line that is no UTF-8 on, nothing can be read: it is left with a mark that is no entry. */
function decode(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return text;
  const lines = text.split("\n");
  const broken = lines.findIndex((line) => line.includes("\uFFFD"));
  return [...lines.slice(0, broken), "\uFFFD"].join("\n");
}
