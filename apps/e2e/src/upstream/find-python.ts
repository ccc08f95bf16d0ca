import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The likely one first, then the newest. */
const NAMES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/** What upstream's package asks for, and what Debian splits off from its Python. */
const CHECK = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";

/** A Python on PATH that can make the environment of upstream: 3.11 or later, with `venv`. `undefined` if there is none. */
export async function findPython(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  for (const name of NAMES) {
    const works = await run(name, ["-c", CHECK], { env }).then(() => true, () => false);
    if (works) return name;
  }
  return undefined;
}
