import { type ExecutionOutcome, type ExecutionRequest, RrqError, type Runner } from "@rrq/protocol";
import type { RunnerSettings } from "@rrq/protocol/config";
import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import { Keeper, type KeeperOptions } from "./keeper.ts";
import { mostFree } from "./runner-clients.ts";
import { type RunnerStatus, statusOf } from "./runner-status.ts";

export interface RunnerPoolOptions extends Pick<KeeperOptions, "firstAttempts" | "replaceWhen" | "restarts"> {
  readonly mode: RunnerStatus["mode"];
  /** How to start, or reach, the server of each place. */
  readonly starts: readonly KeeperOptions["start"][];
  /** Milliseconds for a handler to end, after its cancel or the end of its time. */
  readonly abortGraceMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A runner behind sockets: processes of ours, or one that somebody else runs. Starts at once, and keeps them going. */
export class RunnerPool implements Runner, AsyncDisposable {
  readonly #settings: RunnerSettings;
  readonly #mode: RunnerStatus["mode"];
  readonly #keepers: readonly Keeper[];
  readonly #freeSlotListeners = new Set<() => void>();
  /** Where the search for a free server starts: they take turns. */
  #next = 0;
  #open = true;

  constructor(settings: RunnerSettings, { mode, starts, abortGraceMs, ...options }: RunnerPoolOptions) {
    const { maxInFlight, responseTimeoutSeconds } = settings;
    const limits = {
      abortGraceMs,
      responseTimeoutMs: responseTimeoutSeconds === null ? null : responseTimeoutSeconds * 1_000,
    };
    const onFreeSlot = (): void => {
      for (const listener of this.#freeSlotListeners) listener();
    };
    this.#settings = settings;
    this.#mode = mode;
    this.#keepers = starts.map((start) => new Keeper({ ...options, start, slots: maxInFlight, limits, onFreeSlot }));
  }

  /**
   * Resolves when every place is up, or given up for the moment. Throws `RUNNER_UNAVAILABLE`, with the reason, when none of
   * our processes could be started; the attempts go on until `close()`. A runner that somebody else runs may come later.
   */
  async ready(): Promise<void> {
    const errors = await Promise.all(this.#keepers.map((keeper) => keeper.firstStart));
    const [cause] = errors;
    if (this.#mode === "external" || !cause || errors.includes(null)) return;
    throw new RrqError("RUNNER_UNAVAILABLE", `runner '${this.#settings.name}' cannot be started: ${cause.message}`, { cause });
  }

  execute(request: ExecutionRequest, signal: AbortSignal): Promise<ExecutionOutcome> {
    if (!this.#open) return Promise.reject(new RrqError("CLOSED", `runner '${this.#settings.name}' is closed`));
    const keeper = mostFree(this.#keepers, this.#next);
    if (keeper === undefined) return Promise.reject(this.#cannotTake());
    this.#next = (this.#next + 1) % this.#keepers.length;
    return keeper.execute(request, signal);
  }

  freeSlots(): number {
    let free = 0;
    for (const keeper of this.#keepers) free += keeper.freeSlots;
    return free;
  }

  onFreeSlot(listener: () => void): () => void {
    this.#freeSlotListeners.add(listener);
    return () => this.#freeSlotListeners.delete(listener);
  }

  /** For heartbeats, health and people. */
  status(): RunnerStatus {
    const { name, maxInFlight } = this.#settings;
    const runner = { name, mode: this.#mode, slots: this.#keepers.length * maxInFlight };
    return statusOf(runner, this.#keepers.map((keeper) => keeper.status()));
  }

  /** Ends all processes at the same time; whoever waits is told `RUNNER_REPLACED`. Twice is fine. */
  async close(): Promise<void> {
    this.#open = false;
    await Promise.all(this.#keepers.map((keeper) => keeper.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #cannotTake(): RrqError {
    const { name } = this.#settings;
    const { health, processes } = this.status();
    if (health !== "down") return new RrqError("RUNNER_BUSY", `every slot of runner '${name}' is taken`);
    const reason = processes.find(({ lastError }) => lastError !== null)?.lastError ?? "it is starting";
    return new RrqError("RUNNER_UNAVAILABLE", `runner '${name}' takes no requests: ${reason}`);
  }
}
