import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A Redis or Valkey server that runs on this machine. */
export interface ServerProgram {
  /** A path, or a name on PATH. */
  readonly command: string;
  /** Added to the environment it is started with. */
  readonly env: Readonly<Record<string, string>>;
}

/** Its version's first two numbers; nothing if it does not run. */
export async function versionOf(
  program: ServerProgram,
  env: NodeJS.ProcessEnv = process.env,
): Promise<readonly [major: number, minor: number] | undefined> {
  const answer = run(program.command, ["--version"], { env: { ...env, ...program.env } });
  const found = /v=(\d+)\.(\d+)/.exec(await answer.then(({ stdout }) => stdout, () => ""));
  return found === null ? undefined : [Number(found[1]), Number(found[2])];
}
