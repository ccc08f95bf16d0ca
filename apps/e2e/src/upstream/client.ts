import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What `RRQClient` is made with. */
export type ClientSettings = { readonly config: Readonly<Record<string, unknown>> } | { readonly config_path: string };

/** Upstream's Python client, in a process of its own that answers one call after the other. */
export interface UpstreamClient extends AsyncDisposable {
  /**
   * Calls a method of the client with these settings. Arguments are as in Python, one `{ named: … }` at the end holds those with names.
   * Rejects with the client's own text.
   */
  call(settings: ClientSettings, method: string, ...args: readonly unknown[]): Promise<unknown>;
}

const PROGRAM = join(import.meta.dirname, "python/calls.py");

/** Starts it with a Python that has `rrq`. */
export async function startUpstreamClient(python: string): Promise<UpstreamClient> {
  const child = spawn(python, [PROGRAM], { stdio: "pipe" });
  await once(child, "spawn");
  return new RunningClient(child);
}

class RunningClient implements UpstreamClient {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;
  #stderr = "";
  #last: Promise<unknown> = Promise.resolve();

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#closed = once(child, "close");
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
    child.stdin.on("error", () => undefined); // the missing answer tells
  }

  call(settings: ClientSettings, method: string, ...args: readonly unknown[]): Promise<unknown> {
    const answer = this.#last.then(() => this.#ask(JSON.stringify([settings, method, ...args])));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #ask(question: string): Promise<unknown> {
    this.#child.stdin.write(`${question}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`upstream's client has ended:\n${this.#stderr}`);
    const reply = JSON.parse(line.value) as { readonly answer?: unknown; readonly error?: string };
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply.answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    this.#child.stdin.end();
    await this.#closed;
  }
}
