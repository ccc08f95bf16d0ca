import { connect, type Socket } from "node:net";
import { RrqError } from "@rrq/protocol";
import type { Clock } from "@rrq/protocol/runtime";

/** Milliseconds of silence before TCP asks whether the other side is still there. */
const KEEP_ALIVE_MS = 10_000;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, with an IPv6 address in brackets. */
export function addressOf({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What the system says about a connection that failed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name); // of several addresses, none: no message
}

/**
 * Connects, without Nagle's delay and with keep-alive. A host name is resolved anew each time.
 * Rejects with the system's error, or with the reason of `signal`.
 */
export function openSocket(to: Endpoint, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const socket = connect({ ...to, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    const onAbort = (): void => fail(signal.reason as Error);
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      reject(error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("error", fail); // stays: an error may come before the next owner listens
    socket.once("connect", () => {
      signal.removeEventListener("abort", onAbort);
      resolve(socket);
    });
  });
}

/** Opens `count` sockets, or none. Rejects as {@link openSocket}. */
export async function openSockets(to: Endpoint, count: number, signal: AbortSignal): Promise<Socket[]> {
  const sockets: Socket[] = [];
  try {
    while (sockets.length < count) sockets.push(await openSocket(to, signal));
    return sockets;
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    throw error;
  }
}

export interface ReachOptions {
  /** Milliseconds for all attempts together. */
  readonly withinMs: number;
  readonly clock: Clock;
  /** Gives up at once, with its reason. */
  readonly signal: AbortSignal;
  readonly onAttempt: () => void;
}

const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 200;

/** Opens `count` sockets to a runner that is still starting: again and again until it listens. Throws `RUNNER_UNAVAILABLE`. */
export async function reachSockets(to: Endpoint, count: number, options: ReachOptions): Promise<Socket[]> {
  const { withinMs, clock, signal, onAttempt } = options;
  const tooLate = new AbortController();
  const stopTimer = clock.after(withinMs, () => tooLate.abort(new Error(`no answer in ${withinMs} ms`)));
  const stop = AbortSignal.any([signal, tooLate.signal]);
  let last: unknown;
  try {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      onAttempt();
      try {
        return await openSockets(to, count, stop);
      } catch (error) {
        last = stop.aborted ? (last ?? error) : error;
      }
      await clock.sleep(pauseMs, stop);
      signal.throwIfAborted();
      if (tooLate.signal.aborted) {
        throw new RrqError("RUNNER_UNAVAILABLE", `runner socket not ready: ${reasonOf(last)}`, { cause: last });
      }
    }
  } finally {
    stopTimer();
  }
}
