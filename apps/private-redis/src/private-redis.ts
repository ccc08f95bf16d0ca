import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findServer } from "./find-server.ts";
import { freePort } from "./free-port.ts";
import { type Guard, startGuard } from "./guard.ts";
import { PORT_TAKEN, type ServerProcess, startServerProcess } from "./server-process.ts";

export interface PrivateRedisOptions {
  /** Use this server instead of starting one; it is left as it is. `undefined` or empty starts one. */
  readonly dsn?: string | undefined;
  /** Keep an append-only file, synced like this. Absent: nothing is written to disk, and a restart loses everything. */
  readonly appendfsync?: "always" | "everysec" | "no";
  /** Number of databases. @default 16 */
  readonly databases?: number;
  /** More arguments of `redis-server`: `["--maxmemory", "10mb"]`. */
  readonly args?: readonly string[];
}

/** A server that lives until it is disposed of; at the latest until this process ends, however it ends. */
export interface PrivateRedis extends AsyncDisposable {
  /** `redis://127.0.0.1:<port>`, or the DSN that was given. */
  readonly url: string;
  readonly port: number;
  /** Process id; `undefined` while it is down, and for a server that we did not start. */
  readonly pid: number | undefined;
  /** Sends a signal. Waits for the end of the process if the signal means that: SIGKILL (the default), SIGTERM, SIGINT. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it in order if it is up, and starts it again on the same port and files. */
  restart(): Promise<void>;
}

/**
 * Starts a Redis of our own on a free port of 127.0.0.1, with its files in a temporary folder. The program is the one on PATH;
 * without one, Debian's is fetched into a cache folder, once. Throws where there is none to be had, saying what to install.
 */
export async function startPrivateRedis(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
  if (options.dsn) return foreignRedis(options.dsn);
  const program = await findServer();
  const folder = await mkdtemp(join(tmpdir(), "rrq-redis-"));
  const guard = startGuard(folder);
  try {
    for (;;) {
      const port = await freePort();
      const launch: Launch = () =>
        startServerProcess(program, serverArguments(folder, port, options), guard.watch);
      const server = await launch();
      if (server !== PORT_TAKEN) return new OwnRedis(port, folder, guard, launch, server);
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    await guard.dismiss();
    throw error;
  }
}

function serverArguments(folder: string, port: number, options: PrivateRedisOptions): string[] {
  const { appendfsync, databases = 16, args = [] } = options;
  const files = appendfsync === undefined ? ["--appendonly", "no"] : ["--appendonly", "yes", "--appendfsync", appendfsync];
  return [
    ...["--port", String(port), "--bind", "127.0.0.1", "--tcp-backlog", "128"],
    ...["--dir", folder, "--databases", String(databases), "--save", "", ...files],
    ...args,
  ];
}

const ENDING_SIGNALS: readonly NodeJS.Signals[] = ["SIGKILL", "SIGTERM", "SIGINT"];

type Launch = () => ReturnType<typeof startServerProcess>;

type State =
  | { readonly at: "up"; readonly server: ServerProcess }
  | { readonly at: "down" }
  | { readonly at: "closed"; readonly done: Promise<void> };

class OwnRedis implements PrivateRedis {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  readonly #guard: Guard;
  readonly #launch: Launch;
  #state: State = { at: "down" };

  constructor(port: number, folder: string, guard: Guard, launch: Launch, server: ServerProcess) {
    this.url = `redis://127.0.0.1:${port}`;
    this.port = port;
    this.#folder = folder;
    this.#guard = guard;
    this.#launch = launch;
    this.#adopt(server);
  }

  get pid(): number | undefined {
    return this.#state.at === "up" ? this.#state.server.pid : undefined;
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.#state.at !== "up") return;
    const { server } = this.#state;
    server.kill(signal);
    if (ENDING_SIGNALS.includes(signal)) await server.ended;
  }

  async restart(): Promise<void> {
    await this.kill("SIGCONT"); // a stopped process would not take the next one
    await this.kill("SIGTERM");
    if (this.#state.at !== "down") throw new Error("this Redis was closed, or is being restarted by another");
    const server = await this.#launch();
    if (server === PORT_TAKEN) throw new Error(`port ${this.port} was taken while Redis was down`);
    this.#adopt(server);
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#state.at !== "closed") this.#state = { at: "closed", done: this.#close() };
    return this.#state.done;
  }

  async #close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
    await this.#guard.dismiss();
  }

  #adopt(server: ServerProcess): void {
    this.#state = { at: "up", server };
    void server.ended.then(() => {
      if (this.#state.at === "up") this.#state = { at: "down" };
      // Its process id may be another's from now on.
      this.#guard.watch(undefined);
    });
  }
}

/** A server that is not ours: nothing stops it. */
function foreignRedis(dsn: string): PrivateRedis {
  const refuse = async (): Promise<never> => {
    throw new Error("this Redis was given to us: we neither stop nor restart it");
  };
  return {
    url: dsn,
    port: Number(new URL(dsn).port || 6379),
    pid: undefined,
    kill: refuse,
    restart: refuse,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
