import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The oldest that we run on, and what came after. */
const OTHERS = ["20.19.0", "22", "24"];

/** A program `node`, and the version it is. */
export interface NodeVersion {
  readonly version: string;
  readonly program: string;
}

/**
 * The running Node; in CI, or with `RRQ_ALL_NODES=1`, also the others that we promise to run on, from the npm registry.
 */
export async function nodeVersions(env: NodeJS.ProcessEnv = process.env): Promise<NodeVersion[]> {
  const running = { version: process.version, program: process.execPath };
  if (!env["CI"] && !env["RRQ_ALL_NODES"]) return [running];
  return [running, ...(await Promise.all(OTHERS.map(nodeOf)))];
}

async function nodeOf(wanted: string): Promise<NodeVersion> {
  const question = "JSON.stringify({ version: process.version, program: process.execPath })";
  const { stdout } = await run("npx", ["-y", "-p", `node@${wanted}`, "node", "-p", question]);
  return JSON.parse(stdout) as NodeVersion;
}
