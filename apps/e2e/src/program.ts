import { spawn } from "node:child_process";
import { once } from "node:events";

/** How a process ended: with a code, or by a signal. */
export type ProgramEnd = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** A process that a test started, and what it says. Disposing of it stops it. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<ProgramEnd>;
  /** Everything so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL if that does not end it within 10 s. */
  stop(): Promise<ProgramEnd>;
  /**
   * Resolves with what `pattern` finds on stdout or stderr. Throws, with the output, if the process ends, time is over
   * (15 s) or `signal` aborts before.
   */
  says(pattern: RegExp, options?: { readonly limitMs?: number; readonly signal?: AbortSignal }): Promise<RegExpExecArray>;
}

export interface ProgramOptions {
  readonly cwd?: string;
  /** In place of this process's own environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Written to its standard input, which is then closed. @default nothing */
  readonly input?: string;
  /** Keep what a terminal sends, Ctrl-C above all, from it. @default false */
  readonly ownGroup?: boolean;
}

const SAYS_LIMIT_MS = 15_000;
const TERM_LIMIT_MS = 10_000;

/** Starts a process without a shell. */
export async function startProgram(command: readonly string[], options: ProgramOptions = {}): Promise<Program> {
  const [file = "", ...args] = command;
  const { input = "", ownGroup = false, ...place } = options;
  const child = spawn(file, args, { ...place, detached: ownGroup, stdio: "pipe" });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const exited = new Promise<ProgramEnd>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
  await once(child, "spawn");
  child.stdin.on("error", () => undefined); // it need not read what it is given
  child.stdin.end(input);

  const stop = async (): Promise<ProgramEnd> => {
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), TERM_LIMIT_MS);
    return exited.finally(() => clearTimeout(force));
  };
  return {
    pid: child.pid ?? 0,
    exited,
    output: () => ({ stdout: stdout(), stderr: stderr() }),
    signal: (signal) => void child.kill(signal),
    says: (pattern, { limitMs = SAYS_LIMIT_MS, signal } = {}) =>
      new Promise((resolve, reject) => {
        const settle = (give: () => void): void => {
          clearTimeout(limit);
          signal?.removeEventListener("abort", giveUp);
          child.off("close", giveUp);
          for (const stream of [child.stdout, child.stderr]) stream.off("data", look);
          give();
        };
        const look = (): void => {
          const found = pattern.exec(stdout()) ?? pattern.exec(stderr());
          if (found !== null) settle(() => resolve(found));
        };
        const giveUp = (): void => {
          settle(() => reject(new Error(`'${command.join(" ")}' did not say ${pattern}:\n${stdout()}${stderr()}`)));
        };
        const limit = setTimeout(giveUp, limitMs);
        signal?.addEventListener("abort", giveUp);
        child.once("close", giveUp);
        for (const stream of [child.stdout, child.stderr]) stream.on("data", look);
        look();
      }),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: string[] = [];
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => chunks.push(chunk));
  return () => chunks.join("");
}
