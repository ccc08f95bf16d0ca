import type { Socket } from "node:net";
import { type ExecutionOutcome, type ExecutionRequest, RrqError } from "@rrq/protocol";
import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import type { EndReason } from "./end-group.ts";
import { reasonOf } from "./open-socket.ts";
import { nextRestart, type RestartPolicy } from "./restart-policy.ts";
import type { ClientLimits } from "./runner-client.ts";
import { RunnerClients } from "./runner-clients.ts";
import type { ProcessStatus } from "./runner-status.ts";
import { within } from "./within.ts";

/** Something that was reached and takes requests: a process of ours, or one that somebody else runs. */
export interface RunnerServer {
  /** `null` if it is not ours. */
  readonly pid: number | null;
  /** `host:port`. */
  readonly address: string;
  /** Connected, as many as its slots need. */
  readonly sockets: readonly Socket[];
  /** Resolves with how its process ended: `exit status: 1`, `signal: SIGKILL`. */
  readonly exited: Promise<string>;
  /** Ends it, if it is ours, and all that it started; resolves when they are gone. Twice is fine. */
  end(reason: EndReason): Promise<void>;
}

export interface KeeperOptions {
  /** Starts or reaches a server. When that fails or `life` aborts, it leaves nothing behind. */
  readonly start: (life: AbortSignal) => Promise<RunnerServer>;
  /** Attempts to start before the first start counts as failed. */
  readonly firstAttempts: number;
  /** Whether a server with a handler that outlived its grace is replaced at once, or only when all of its slots went that way. */
  readonly replaceWhen: "a-slot-is-stuck" | "all-slots-are-stuck";
  readonly slots: number;
  readonly limits: ClientLimits;
  readonly restarts: RestartPolicy;
  /** Free slots may have grown. */
  readonly onFreeSlot: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * starting → ready → (draining →) ending → starting again; after a failure by way of waiting. Closing ends that from anywhere.
 *
 * Only a ready server takes requests. It is drained when a handler in it outlived its grace: its other callers may be served,
 * within a grace of their own, and then it is replaced.
 */
type KeeperState =
  | { readonly at: "starting" }
  | { readonly at: "ready"; readonly serving: Serving }
  | { readonly at: "draining"; readonly serving: Serving; readonly stopTimer: () => void }
  | { readonly at: "ending"; readonly serving: Serving }
  | { readonly at: "waiting"; readonly broken: boolean }
  | { readonly at: "closed" };

interface Serving {
  readonly server: RunnerServer;
  readonly clients: RunnerClients;
  /** Says why it serves no longer; the first word counts. */
  readonly finish: (end: ServingEnd) => void;
}

type ServingEnd = { readonly why: "lost"; readonly reason: string } | { readonly why: "overrun" } | { readonly why: "closing" };

/** A server that could not be started, or was lost. */
interface Failure {
  readonly reason: string;
  /** Milliseconds it had been ready. */
  readonly upMs: number;
}

/** A process that dies closes its sockets first; this many milliseconds later it is seen to have exited. */
const EXIT_LAG_MS = 50;

/** Keeps one server of a runner going: one place of a pool, or an external runner. */
export class Keeper {
  /** Resolves when the first start succeeded, or with why all its attempts failed. Starting goes on all the same. */
  readonly firstStart: Promise<Error | null>;
  readonly #options: KeeperOptions;
  readonly #closing = new AbortController();
  readonly #closed: Promise<void>;
  #tellFirst: (error: Error | null) => void = () => {};
  #state: KeeperState = { at: "starting" };
  #starts = 0;
  #failures = 0;
  #lastError: string | null = null;

  /** Starts at once. */
  constructor(options: KeeperOptions) {
    this.#options = options;
    this.firstStart = new Promise((resolve) => (this.#tellFirst = resolve));
    this.#closed = this.#keep(this.#closing.signal);
  }

  get freeSlots(): number {
    return this.#state.at === "ready" ? this.#state.serving.clients.freeSlots : 0;
  }

  execute(request: ExecutionRequest, signal: AbortSignal): Promise<ExecutionOutcome> {
    return this.#state.at === "ready"
      ? this.#state.serving.clients.execute(request, signal)
      : Promise.reject(new RrqError("RUNNER_UNAVAILABLE", "the runner is not ready"));
  }

  status(): ProcessStatus {
    const state = this.#state;
    const serving = "serving" in state ? state.serving : null;
    return {
      state: state.at === "waiting" && state.broken ? "broken" : state.at,
      pid: serving?.server.pid ?? null,
      address: serving?.server.address ?? null,
      freeSlots: this.freeSlots,
      inFlight: serving?.clients.inFlight ?? 0,
      stuck: serving?.clients.stuck ?? 0,
      restarts: Math.max(0, this.#starts - 1),
      lastError: this.#lastError,
    };
  }

  /** Ends the server; whoever waits for it is told `RUNNER_REPLACED`. Twice is fine. */
  close(): Promise<void> {
    this.#closing.abort();
    return this.#closed;
  }

  async #keep(closing: AbortSignal): Promise<void> {
    while (!closing.aborted) {
      this.#state = { at: "starting" };
      this.#starts += 1;
      const failure = await this.#live(closing);
      if (failure !== null) await this.#rest(failure, closing);
    }
    this.#state = { at: "closed" };
    this.#tellFirst(new Error("closed while it started"));
  }

  /** One server, from its start to its end. Answers how it failed, `null` if we ended it. */
  async #live(closing: AbortSignal): Promise<Failure | null> {
    const life = new AbortController(); // what listens to its signal is gone with it
    const end = (): void => life.abort();
    closing.addEventListener("abort", end);
    try {
      return await this.#serve(await this.#options.start(life.signal), life.signal);
    } catch (error) {
      return { reason: reasonOf(error), upMs: 0 };
    } finally {
      closing.removeEventListener("abort", end);
    }
  }

  /** Lets a server take requests until something ends that, then ends the server. */
  async #serve(server: RunnerServer, life: AbortSignal): Promise<Failure | null> {
    const { clock } = this.#options;
    const readyAt = clock.monotonic();
    let finish!: (end: ServingEnd) => void; // set at once by the next line
    const finished = new Promise<ServingEnd>((resolve) => (finish = resolve));
    const clients = this.#connect(server, finish);
    void server.exited.then((how) => finish({ why: "lost", reason: how }));
    life.addEventListener("abort", () => finish({ why: "closing" }));
    if (life.aborted) finish({ why: "closing" });

    const serving = { server, clients, finish };
    this.#state = { at: "ready", serving };
    this.#tellFirst(null);
    this.#progress();
    const end = await finished;

    const upMs = clock.monotonic() - readyAt;
    this.#endServing(serving);
    switch (end.why) {
      case "lost": {
        clients.close("RUNNER_LOST", "runner connection closed");
        const how = await within(server.exited, EXIT_LAG_MS, clock);
        await server.end("respawn");
        return { reason: how === null ? end.reason : `runner process ended (${how})`, upMs };
      }
      case "overrun":
        this.#lastError = "a handler did not end in its time";
        clients.close("RUNNER_REPLACED", "runner replaced: another request on it did not end in its time");
        await server.end("overrun");
        return null;
      case "closing":
        clients.close("RUNNER_REPLACED", "the runner was closed");
        await server.end("pool_close");
        return null;
    }
  }

  #connect(server: RunnerServer, finish: (end: ServingEnd) => void): RunnerClients {
    const { slots, limits, clock, log } = this.#options;
    const events = {
      onProgress: () => this.#progress(),
      onStuck: () => this.#drain(),
      onLost: (reason: string) => finish({ why: "lost", reason }),
    };
    return new RunnerClients(server.sockets, { slots, limits, events, clock, log });
  }

  #endServing(serving: Serving): void {
    if (this.#state.at === "draining") this.#state.stopTimer();
    this.#state = { at: "ending", serving };
  }

  #progress(): void {
    const state = this.#state;
    if (state.at === "ready" && state.serving.clients.freeSlots > 0) this.#options.onFreeSlot();
    if (state.at === "draining" && state.serving.clients.waiting === 0) state.serving.finish({ why: "overrun" });
  }

  /** A handler goes on past its grace. */
  #drain(): void {
    if (this.#state.at !== "ready") return;
    const { serving } = this.#state;
    const { clock, limits, log, replaceWhen, slots } = this.#options;
    const { waiting, stuck } = serving.clients;
    const fields = { pid: serving.server.pid, neighbours: waiting, stuck };
    if (replaceWhen === "all-slots-are-stuck" && stuck < slots) {
      log.warn("runner handler did not end in its time; its slot stays taken", fields);
      return;
    }
    log.warn("runner handler did not end in its time; replacing the runner", fields);
    const stopTimer = clock.after(limits.abortGraceMs, () => serving.finish({ why: "overrun" }));
    this.#state = { at: "draining", serving, stopTimer };
    this.#progress();
  }

  /** Waits before the next attempt, the longer the more of them failed. */
  async #rest(failure: Failure, closing: AbortSignal): Promise<void> {
    if (closing.aborted) return;
    const { clock, log, restarts, firstAttempts } = this.#options;
    const { failures, pauseMs, broken } = nextRestart(this.#failures, failure.upMs, restarts);
    this.#failures = failures;
    this.#lastError = failure.reason;
    this.#state = { at: "waiting", broken };
    if (failures >= firstAttempts) this.#tellFirst(new Error(failure.reason));
    const isWorthALine = Number.isInteger(Math.log2(failures)); // ever rarer, the longer it lasts
    const level = broken ? "error" : isWorthALine ? "warn" : "debug";
    log[level]("runner failed; trying again", { reason: failure.reason, failures, pause_ms: pauseMs });
    await clock.sleep(pauseMs, closing);
  }
}
