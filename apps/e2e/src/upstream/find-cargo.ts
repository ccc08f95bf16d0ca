import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What upstream's crates and those that they need ask for, as they are locked. */
const OLDEST = { major: 1, minor: 85 };

/** A Cargo on PATH that can build upstream's runner; `undefined` if there is none. */
export async function findCargo(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const said = await run("cargo", ["--version"], { env }).then(({ stdout }) => stdout, () => "");
  const [, major, minor] = /^cargo (\d+)\.(\d+)/.exec(said) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return Number(major) > OLDEST.major || Number(minor) >= OLDEST.minor ? "cargo" : undefined;
}
