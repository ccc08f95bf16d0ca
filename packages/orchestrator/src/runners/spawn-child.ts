import { type ChildProcess, spawn } from "node:child_process";
import { RrqError } from "@rrq/protocol";
import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import { captureOutput } from "./captured-output.ts";
import { endGroup, type EndReason } from "./end-group.ts";
import { killAtExit } from "./process-group.ts";
import { within } from "./within.ts";

export interface ChildSpec {
  /** Name of the runner, for logs. */
  readonly runner: string;
  readonly command: string;
  readonly args: readonly string[];
  /** `null`: ours. */
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: ChildOutput;
}

/**
 * Where a child's stdout and stderr go: `capture`, line by line into the log; `inherit`, to ours;
 * `inherit-as-stderr`, both to our stderr, when our stdout is for results only.
 */
export type ChildOutput = "capture" | "inherit" | "inherit-as-stderr";

/** A process that we started, and the group that it leads. */
export interface Child {
  readonly pid: number;
  /** Resolves with how the leader ended: `exit status: 1`, `signal: SIGKILL`. */
  readonly exited: Promise<string>;
  /** What it wrote last to stderr, if that is captured. */
  lastLines(): readonly string[];
  /**
   * Ends the whole group: SIGTERM, `graceMs` to go, SIGKILL; at once what a leader left behind that ended by itself.
   * Resolves when all are gone and their output is read. Twice is fine.
   */
  end(reason: EndReason, graceMs: number): Promise<void>;
}

/** Milliseconds to wait for the end of a dead group's output: only a process that left the group can hold it open. */
const OUTPUT_WAIT_MS = 500;

/** Starts a process without a shell, in a group of its own, which ends with this process at the latest. Throws `RUNNER_UNAVAILABLE`. */
export async function spawnChild(spec: ChildSpec, clock: Clock, log: Log): Promise<Child> {
  const child = start(spec);
  let hasExited = false;
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => {
      hasExited = true;
      resolve(signal === null ? `exit status: ${code}` : `signal: ${signal}`);
    });
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  const { pid } = child;
  if (pid === undefined) throw notSpawned(await new Promise((resolve) => child.once("error", resolve)));
  const letLive = killAtExit(pid);
  const [, stderr] = (["stdout", "stderr"] as const).map((stream) => {
    const output = child[stream];
    return output === null ? null : captureOutput(output, { runner: spec.runner, stream, pid }, log);
  });

  const end = async (reason: EndReason, graceMs: number): Promise<void> => {
    await endGroup({ pid, exited, hasExited: () => hasExited }, { reason, graceMs, clock, log });
    letLive();
    await within(closed, OUTPUT_WAIT_MS, clock);
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  let ending: Promise<void> | undefined;
  return {
    pid,
    exited,
    lastLines: () => stderr?.lines ?? [],
    end: (reason, graceMs) => (ending ??= end(reason, graceMs)),
  };
}

function start(spec: ChildSpec): ChildProcess {
  const { command, args, cwd, env, output } = spec;
  try {
    return spawn(command, args, {
      env,
      ...(cwd === null ? {} : { cwd }),
      detached: process.platform !== "win32",
      stdio: output === "capture" ? ["ignore", "pipe", "pipe"] : ["ignore", output === "inherit" ? 1 : 2, 2],
    });
  } catch (error) {
    throw notSpawned(error);
  }
}

function notSpawned(cause: unknown): RrqError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RrqError("RUNNER_UNAVAILABLE", `failed to spawn runner: ${reason}`, { cause });
}
