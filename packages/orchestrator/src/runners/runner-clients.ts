import type { Socket } from "node:net";
import { type ExecutionOutcome, type ExecutionRequest, RrqError } from "@rrq/protocol";
import { MAX_IN_FLIGHT_PER_CONNECTION } from "@rrq/protocol/wire";
import { type ClientOptions, RunnerClient } from "./runner-client.ts";

/** Sockets that a process with so many slots needs. */
export function socketsFor(slots: number): number {
  return Math.ceil(slots / MAX_IN_FLIGHT_PER_CONNECTION);
}

/**
 * All sockets to one runner process, seen as one. When one breaks, the process is taken for lost: the requests on the
 * others fail with it, and `onLost` is called once.
 */
export class RunnerClients {
  readonly #clients: readonly RunnerClient[];

  /** `sockets`: {@link socketsFor} the slots. */
  constructor(sockets: readonly Socket[], options: ClientOptions) {
    const share = Math.floor(options.slots / sockets.length);
    const rest = options.slots % sockets.length;
    const onLost = (reason: string): void => {
      this.close("RUNNER_LOST", reason);
      options.events.onLost(reason);
    };
    const events = { ...options.events, onLost };
    this.#clients = sockets.map(
      (socket, index) => new RunnerClient(socket, { ...options, events, slots: share + (index < rest ? 1 : 0) }),
    );
  }

  get freeSlots(): number {
    return this.#sum((client) => client.freeSlots);
  }

  get inFlight(): number {
    return this.#sum((client) => client.inFlight);
  }

  get waiting(): number {
    return this.#sum((client) => client.waiting);
  }

  get stuck(): number {
    return this.#sum((client) => client.stuck);
  }

  /** On the socket with the most free slots. Rejects with `RUNNER_BUSY` if there is none. */
  execute(request: ExecutionRequest, signal: AbortSignal): Promise<ExecutionOutcome> {
    const client = mostFree(this.#clients);
    return client === undefined
      ? Promise.reject(new RrqError("RUNNER_BUSY", "every slot of the runner is taken"))
      : client.execute(request, signal);
  }

  close(code: "RUNNER_LOST" | "RUNNER_REPLACED", reason: string): void {
    for (const client of this.#clients) client.close(code, reason);
  }

  #sum(value: (client: RunnerClient) => number): number {
    return this.#clients.reduce((sum, client) => sum + value(client), 0);
  }
}

/** The one with the most free slots, from `start` on; `undefined` if all are full. */
export function mostFree<T extends { readonly freeSlots: number }>(takers: readonly T[], start = 0): T | undefined {
  let best: T | undefined;
  let most = 0;
  for (let step = 0; step < takers.length; step += 1) {
    const taker = takers[(start + step) % takers.length];
    const free = taker?.freeSlots ?? 0;
    if (free > most) {
      best = taker;
      most = free;
    }
  }
  return best;
}
