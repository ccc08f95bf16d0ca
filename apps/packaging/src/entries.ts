import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Consumer } from "./install.ts";

/** The parts of an installed `package.json` that the tests look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** Conditions for a module; a file name for what is no module: the program of a thread, a data file. */
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The `package.json` of a package in the consumer's folder. */
export async function readManifest(consumer: Consumer, name: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(consumer.folder, "node_modules", name, "package.json"), "utf8")) as Manifest;
}

/** What can be imported: `@rrq/protocol`, `@rrq/protocol/wire` … */
export async function entriesOf(consumer: Consumer): Promise<string[]> {
  const manifests = await Promise.all(consumer.packages.map(async ({ name }) => readManifest(consumer, name)));
  return manifests.flatMap(({ name, exports }) => {
    const modules = Object.entries(exports).filter(([, target]) => typeof target === "object");
    return modules.map(([path]) => join(name, path));
  });
}
