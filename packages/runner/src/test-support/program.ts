import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const programs = {
  runner: fileURLToPath(new URL("./programs/runner.ts", import.meta.url)),
  orchestrator: fileURLToPath(new URL("./programs/orchestrator.ts", import.meta.url)),
} as const;

/** How Node runs a TypeScript program of ours. */
export const NODE_ARGS = ["--conditions=@rrq/source", "--import", "tsx"] as const;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process, its output, and its end, which comes with the test's end at the latest. */
export class Program implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  stdout = "";
  stderr = "";
  readonly #watchers = new Set<() => void>();

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      for (const look of this.#watchers) look();
    });
    // Its output has ended then too.
    this.exit = new Promise((resolve) => {
      this.child.once("close", (code, signal) => {
        for (const look of this.#watchers) look();
        resolve({ code, signal });
      });
    });
  }

  /** Runs one of our TypeScript programs. */
  static node(file: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Program {
    return new Program(process.execPath, [...NODE_ARGS, file, ...args], env);
  }

  /** What `pattern` finds in stderr, as soon as it is there. Rejects when the program ends without. */
  async told(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stderr);
      if (found !== null) return found;
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`ended with: ${this.stderr}`);
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.#watchers.delete(look);
          resolve();
        };
        this.#watchers.add(look);
      });
    }
  }

  /** Where it listens, once it does. */
  async address(): Promise<{ host: string; port: number }> {
    const [, host = "", port] = await this.told(/"address":"([^"]+):(\d+)"/);
    return { host, port: Number(port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exit;
  }
}
