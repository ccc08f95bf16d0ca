import { spawn } from "node:child_process";
import type { Clock } from "@rrq/protocol/runtime";

export interface PreRestartOptions {
  /** Command lines as lists; run one after the other. */
  readonly commands: readonly (readonly string[])[];
  readonly cwd: string;
  /** For each command; `null` for no limit. */
  readonly timeoutMs: number | null;
  /** Ends the command that runs. */
  readonly signal: AbortSignal;
  readonly onCommand: (command: readonly string[]) => void;
  readonly clock: Clock;
}

/** Runs the commands that come before a start, a build for example. Answers `null` when all succeeded, else what failed. */
export async function runPreRestart(options: PreRestartOptions): Promise<string | null> {
  for (const [index, command] of options.commands.entries()) {
    options.onCommand(command);
    const failure = await run(command, options);
    if (failure !== null) return `watch pre-restart command ${failure} (idx=${index}, command=${command.join(" ")})`;
  }
  return null;
}

function run([program = "", ...args]: readonly string[], options: PreRestartOptions): Promise<string | null> {
  const { cwd, timeoutMs, signal, clock } = options;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, signal, stdio: ["ignore", "inherit", "inherit"] });
    let timedOut = false;
    const stopTimer =
      timeoutMs === null
        ? () => undefined
        : clock.after(timeoutMs, () => {
            timedOut = true;
            child.kill("SIGKILL");
          });
    child.on("error", (error) => {
      stopTimer();
      resolve(`cannot be run: ${error.message}`);
    });
    child.on("exit", (code, by) => {
      stopTimer();
      if (timedOut) resolve(`timed out after ${((timeoutMs ?? 0) / 1_000).toFixed(3)}s`);
      else resolve(code === 0 ? null : `failed with ${by === null ? `status ${code}` : `signal ${by}`}`);
    });
  });
}
