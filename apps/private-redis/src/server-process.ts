import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ServerProgram } from "./server-program.ts";

/** One run of a server, from "ready" to its end. */
export interface ServerProcess {
  readonly pid: number;
  /** Sends a signal. After one that ends the process, `ended` resolves. */
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<void>;
}

/** Another process took the port between our choice and the server's start. */
export const PORT_TAKEN = "port-taken";

const READY_LIMIT_MS = 30_000;

/**
 * Starts the server and waits until it takes connections. `onSpawn` hears of the process at once.
 * It has a session of its own: Ctrl-C on a terminal is for the programs that use it, which still need it to stop in order.
 */
export async function startServerProcess(
  program: ServerProgram,
  args: readonly string[],
  onSpawn: (pid: number) => void,
): Promise<ServerProcess | typeof PORT_TAKEN> {
  const child = spawn(program.command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C", ...program.env },
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await once(child, "spawn");
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program.command} has no process id`);
  onSpawn(pid);
  const output = await untilReady(child, ended);
  if (output === "ready") return { pid, kill: (signal) => child.kill(signal), ended };
  if (output.includes("Address already in use")) return PORT_TAKEN;
  throw new Error(`${program.command} did not start:\n${output}`);
}

/** "ready", or what the server said before it ended. */
async function untilReady(child: ChildProcess, ended: Promise<void>): Promise<string> {
  if (child.stdout === null || child.stderr === null) throw new Error("started without pipes");
  const said: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<"ready">((resolve) => {
    lines.on("line", (line) => {
      if (line.includes("Ready to accept connections")) resolve("ready");
      said.push(line);
      // What it says later interests nobody, but the pipe must be emptied.
      if (said.length > 50) said.shift();
    });
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), READY_LIMIT_MS);
  const first = await Promise.race([ready, ended.then(() => said.join("\n"))]);
  clearTimeout(limit);
  return first;
}
