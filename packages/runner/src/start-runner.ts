import { createServer, type Server, type Socket } from "node:net";
import { RrqError } from "@rrq/protocol";
import { SHUTTING_DOWN } from "./abort-reasons.ts";
import { type Address, formatAddress, parseAddress } from "./address.ts";
import { Connection } from "./connection.ts";
import { type HandlingOptions, type HandlingSettings, milliseconds, resolveHandling } from "./options.ts";
import type { Registry } from "./registry.ts";
import { RunningJobs } from "./running-jobs.ts";
import { loadTelemetry, type Telemetry } from "./telemetry.ts";

export interface RunnerOptions extends HandlingOptions {
  /** Where to listen: `host:port` or `[host]:port`. Port 0 lets the system pick one. */
  readonly tcpSocket: string;
  /**
   * Hosts that may be listened on beside loopback. There is no authentication on this socket: whoever reaches it runs handlers.
   * @default none
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Milliseconds that jobs in flight get to end by themselves once the runner closes; then they are aborted.
   * An orchestrator that ends a runner of its own waits 5 s for all of it unless told otherwise.
   * @default 2000
   */
  readonly drainMs?: number | undefined;
}

interface RunnerSettings extends HandlingSettings {
  readonly address: Address;
  readonly drainMs: number;
}

/** How long a connection may take to end after its last answer. */
const HANG_UP_MS = 500;

/** How long the telemetry of the last moments may take on its way out. */
const FLUSH_MS = 1_000;

/** Errors of accepting are told this often at most. */
const ACCEPT_ERROR_PAUSE_MS = 1_000;

/** Idle peers are probed after this time, so that one that vanished is noticed. */
const KEEP_ALIVE_MS = 10_000;

/** A runner that listens. */
export interface RunningRunner extends AsyncDisposable {
  /** Where it listens, with the port that the system picked. */
  readonly address: Address;
  /**
   * Takes no more connections and answers further requests as busy; resolves when every job in flight is answered for, at the
   * latest after `drainMs`. Closing is still to be done.
   */
  drain(): Promise<void>;
  /**
   * Drains, aborts what is left, answers for it and closes all connections. Twice is fine. With `force` there is no waiting:
   * everything is aborted and answered for at once, also when a close is under way.
   */
  close(options?: { readonly force?: boolean }): Promise<void>;
}

/**
 * Listens for orchestrators and executes what they ask for. Throws `INVALID_ARGUMENT`, and `CANNOT_LISTEN` if the address
 * is taken or not ours.
 */
export async function startRunner(registry: Registry, options: RunnerOptions): Promise<RunningRunner> {
  const settings = resolveRunner(options);
  const server = new RunnerServer(registry, settings, await loadTelemetry(settings));
  await server.listen();
  return server;
}

function resolveRunner(options: RunnerOptions): RunnerSettings {
  return {
    ...resolveHandling(options),
    address: parseAddress(options.tcpSocket, { allowedHosts: options.allowedHosts ?? [], ephemeral: true }),
    drainMs: milliseconds("drainMs", options.drainMs ?? 2_000),
  };
}

class RunnerServer implements RunningRunner {
  readonly #settings: RunnerSettings;
  readonly #jobs: RunningJobs;
  readonly #telemetry: Telemetry | null;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #address: Address;
  /** By the monotonic clock: until then errors of accepting are not told again. */
  #quietUntil = 0;
  #drained: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(registry: Registry, settings: RunnerSettings, telemetry: Telemetry | null) {
    this.#settings = settings;
    this.#address = settings.address;
    this.#telemetry = telemetry;
    this.#jobs = new RunningJobs({ ...settings, registry, telemetry }, settings.maxInFlight);
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) =>
      this.#accept(socket),
    );
  }

  get address(): Address {
    return this.#address;
  }

  async listen(): Promise<void> {
    const { address } = this.#settings;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause) =>
        reject(new RrqError("CANNOT_LISTEN", `cannot listen on ${formatAddress(address)}: ${cause.message}`, { cause })),
      );
      this.#server.listen(address.port, address.host, resolve);
    });
    const bound = this.#server.address();
    if (bound !== null && typeof bound === "object") this.#address = { host: address.host, port: bound.port };
    this.#server.removeAllListeners("error");
    this.#server.on("error", (error) => this.#tellAcceptError(error));
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  close({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    this.#closed ??= this.#close();
    if (force) this.#jobs.abortAll(SHUTTING_DOWN, 0);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(): Promise<void> {
    this.#server.close();
    // Somebody else may have a slot for them, and they have cost nothing yet.
    this.#jobs.abortWaiting(SHUTTING_DOWN);
    await this.#jobs.answered(this.#settings.drainMs);
  }

  async #close(): Promise<void> {
    const { abortGraceMs, clock } = this.#settings;
    await this.drain();
    this.#jobs.abortAll(SHUTTING_DOWN);
    await this.#jobs.answered(abortGraceMs);
    this.#jobs.abortAll(SHUTTING_DOWN, 0);
    await Promise.all([...this.#connections].map((connection) => connection.close(clock, HANG_UP_MS)));
    await this.#telemetry?.flush(FLUSH_MS);
  }

  /** As a rule for want of file descriptors. The server goes on accepting, and may fail again and again at once. */
  #tellAcceptError(error: Error): void {
    const now = this.#settings.clock.monotonic();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + ACCEPT_ERROR_PAUSE_MS;
    this.#settings.log.error("accepting a connection failed", { error: error.message });
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, {
      jobs: this.#jobs,
      telemetry: this.#telemetry,
      log: this.#settings.log,
      accepting: () => this.#drained === undefined,
    });
    this.#connections.add(connection);
    socket.once("close", () => this.#connections.delete(connection));
  }
}
