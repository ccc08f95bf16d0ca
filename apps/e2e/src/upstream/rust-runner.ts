import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, copyFile, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { lockFile, openCacheFolder } from "@rrq/private-redis";

const run = promisify(execFile);

const FOLDER = join(import.meta.dirname, "rust-runner");
/** What the program is made of, beside the compiler. */
const SOURCES = ["Cargo.toml", "Cargo.lock", "src/main.rs"];

/**
 * The program of ./rust-runner, on upstream's `rrq-runner` crate, in our cache folder; built with `cargo` if it is not there (a minute
 * on two cores), once, however many ask at the same time.
 */
export async function openRustRunner(cargo: string): Promise<string> {
  const target = join(await openCacheFolder(), "upstream-rust-runner");
  const program = `${target}-${await hashOfSources()}`;
  await using _lock = await lockFile(`${target}.lock`);
  const isThere = await access(program).then(() => true, () => false);
  if (isThere) return program;
  await run(cargo, ["build", "--quiet", "--locked", "--target-dir", target], { cwd: FOLDER, maxBuffer: 16 << 20 });
  // Another checkout may build another program in the same place.
  await copyFile(join(target, "debug/interop-runner"), `${program}.part`);
  await rename(`${program}.part`, program);
  return program;
}

async function hashOfSources(): Promise<string> {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}`);
  for (const name of SOURCES) hash.update(await readFile(join(FOLDER, name)));
  return hash.digest("hex").slice(0, 16);
}
