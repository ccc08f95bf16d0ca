import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { eventually } from "./eventually.ts";

const run = promisify(execFile);

const VARIABLE = "RRQ_E2E_MARK";

/** A variable that processes inherit from each other, however they were started and whoever their parent is now. */
export interface Mark {
  readonly env: Readonly<Record<string, string>>;
  /** Those that live: `<pid> <command line>`. */
  bearers(): Promise<string[]>;
}

/** Runners look every 250 ms whether their orchestrator is still there, and may then need a moment. */
const LAST_MOMENTS_MS = 5_000;

export function newMark(): Mark {
  const value = randomUUID();
  const text = `${VARIABLE}=${value}`;
  return {
    env: { [VARIABLE]: value },
    bearers: process.platform === "linux" ? () => bearersInProc(text) : () => bearersByPs(text),
  };
}

async function bearersInProc(text: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // A process may end while we look; one of another user is none of ours.
      const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
      if (!environment.split("\0").includes(text)) return [];
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return [`${pid} ${command.replaceAll("\0", " ").trim()}`];
    }),
  );
  return found.flat();
}

async function bearersByPs(text: string): Promise<string[]> {
  const { stdout } = await run("ps", ["-axEww", "-o", "pid=,command="], { maxBuffer: 64 << 20 });
  return stdout.split("\n").filter((line) => line.includes(text));
}

/** Waits until nobody bears the mark any more. Kills who still does when time is over, and throws. */
export async function endBearers(mark: Mark, limitMs = LAST_MOMENTS_MS): Promise<void> {
  try {
    await eventually(async () => {
      const left = await mark.bearers();
      if (left.length > 0) throw new Error(`left behind:\n${left.join("\n")}`);
    }, limitMs);
  } catch (error) {
    for (const bearer of await mark.bearers()) {
      try {
        process.kill(Number.parseInt(bearer, 10), "SIGKILL");
      } catch {
        // Ended just now.
      }
    }
    throw error;
  }
}
