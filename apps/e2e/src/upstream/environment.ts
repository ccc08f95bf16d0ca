import { execFile } from "node:child_process";
import { access, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { lockFile, openCacheFolder } from "@rrq/private-redis";

const run = promisify(execFile);

const PACKAGE = "rrq==0.11.1";

/** Upstream's release, installed in a folder of ours. */
export interface Upstream {
  /** The release binary: `rrq worker run`. */
  readonly rrq: string;
  /** The Python that has `rrq.client`. */
  readonly python: string;
  /** The program of Python runners. */
  readonly rrqRunner: string;
}

/** Upstream's environment in our cache folder; made with `python` if it is not there, once, however many ask at the same time. */
export async function openUpstream(python: string): Promise<Upstream> {
  const cache = await openCacheFolder();
  const folder = join(cache, `upstream-${PACKAGE.replace("==", "-")}-${await tagOf(python)}`);
  await using _lock = await lockFile(`${folder}.lock`);
  if (!(await isComplete(folder))) await make(python, folder);
  const programs = join(folder, "bin");
  return {
    rrq: join(await packageFolder(join(programs, "python")), "bin/rrq"),
    python: join(programs, "python"),
    rrqRunner: join(programs, "rrq-runner"),
  };
}

/** An environment knows its own path and cannot be made elsewhere and moved: the mark is written last. */
async function make(python: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await run(python, ["-m", "venv", folder]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
  await run(join(folder, "bin/python"), pip, { maxBuffer: 16 << 20 });
  await writeFile(markOf(folder), "");
}

/** Also false when the Python that it was made with is gone. */
async function isComplete(folder: string): Promise<boolean> {
  try {
    await access(markOf(folder));
    await run(join(folder, "bin/python"), ["-c", "import rrq"]);
    return true;
  } catch {
    return false;
  }
}

const markOf = (folder: string): string => join(folder, "complete");

/** What a compiled package fits: version and platform. */
async function tagOf(python: string): Promise<string> {
  const { stdout } = await run(python, ["-c", "import sysconfig as s; print(s.get_python_version(), s.get_platform())"]);
  return stdout.trim().replace(" ", "-");
}

async function packageFolder(python: string): Promise<string> {
  const { stdout } = await run(python, ["-c", "import rrq; print(rrq.__path__[0])"]);
  return stdout.trim();
}
