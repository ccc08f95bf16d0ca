import { RrqError } from "@rrq/protocol";
import type { RunnerSettings } from "@rrq/protocol/config";
import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import { externalHost } from "./external-host.ts";
import type { RunnerServer } from "./keeper.ts";
import { addressOf, type Endpoint, openSockets, reasonOf } from "./open-socket.ts";
import { RECONNECTS } from "./restart-policy.ts";
import { socketsFor } from "./runner-clients.ts";
import { RunnerPool } from "./runner-pool.ts";

export interface ExternalOptions {
  /** Milliseconds for one attempt to connect. */
  readonly connectTimeoutMs: number;
  /** Milliseconds for a handler to end, after its cancel or the end of its time. */
  readonly abortGraceMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Connects to a runner that somebody else runs, and again whenever the connection is lost. Does not wait for it: `ready()`
 * waits for the first attempt, whether it succeeds or not. Throws `INVALID_CONFIG`.
 *
 * There is no process to end here, so a handler that outlives its time keeps its slot until it answers. Only when no other
 * slot is left the connection is made anew.
 */
export async function openExternalRunner(settings: RunnerSettings, options: ExternalOptions): Promise<RunnerPool> {
  const { name, tcpPort, maxInFlight } = settings;
  const { abortGraceMs, clock } = options;
  const endpoint = { host: hostOf(settings), port: tcpPort };
  const log = options.log.child({ runner: name });
  return new RunnerPool(settings, {
    mode: "external",
    starts: [(life) => reach(endpoint, socketsFor(maxInFlight), { ...options, log }, life)],
    firstAttempts: 1,
    replaceWhen: "all-slots-are-stuck",
    restarts: RECONNECTS,
    abortGraceMs,
    clock,
    log,
  });
}

function hostOf({ name, tcpHost, tcpPort, allowedHosts }: RunnerSettings): string {
  try {
    return externalHost(tcpHost, allowedHosts);
  } catch (cause) {
    const endpoint = addressOf({ host: tcpHost, port: tcpPort });
    throw new RrqError("INVALID_CONFIG", `runner '${name}' has invalid endpoint '${endpoint}': ${reasonOf(cause)}`, { cause });
  }
}

async function reach(endpoint: Endpoint, count: number, options: ExternalOptions, life: AbortSignal): Promise<RunnerServer> {
  const { clock, log, connectTimeoutMs } = options;
  const address = addressOf(endpoint);
  const tooLate = new AbortController();
  const stopTimer = clock.after(connectTimeoutMs, () => tooLate.abort(new Error(`no answer in ${connectTimeoutMs} ms`)));
  try {
    const sockets = await openSockets(endpoint, count, AbortSignal.any([life, tooLate.signal]));
    log.info("Runner socket connected successfully", { address });
    const exited = new Promise<string>(() => {}); // the end of somebody else's process is not ours to see
    return { pid: null, address, sockets, exited, end: async () => {} };
  } catch (error) {
    throw new RrqError("RUNNER_UNAVAILABLE", `external runner socket not ready: ${reasonOf(error)}`, { cause: error });
  } finally {
    stopTimer();
  }
}
