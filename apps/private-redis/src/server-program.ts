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

/** Whether it runs on this machine, and is one that RRQ works with: 6.2 or later. Valkey counts on from 7.2. */
export async function isUsable(program: ServerProgram, env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const answer = run(program.command, ["--version"], { env: { ...env, ...program.env } });
  const said = await answer.then(({ stdout }) => stdout, () => "");
  const [, major, minor] = /v=(\d+)\.(\d+)/.exec(said) ?? [];
  return Number(major) > 6 || (major === "6" && Number(minor) >= 2);
}
