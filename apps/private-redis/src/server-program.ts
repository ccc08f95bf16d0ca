import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A Redis or Valkey server that runs on this machine. */
export interface ServerProgram {
  readonly command: string;
  /** Added to the environment it is started with. */
  readonly env: Readonly<Record<string, string>>;
}

/** `[major, minor]`, or nothing if it does not run. */
export async function versionOf(program: ServerProgram): Promise<readonly [number, number] | undefined> {
  const { command, env } = program;
  const answer = await run(command, ["--version"], { env: { ...process.env, ...env } }).catch(() => undefined);
  const found = /v=(\d+)\.(\d+)/.exec(answer?.stdout ?? "");
  return found === null ? undefined : [Number(found[1]), Number(found[2])];
}
