import type { Socket } from "node:net";
import { RrqError } from "@rrq/protocol";
import type { RunnerSettings } from "@rrq/protocol/config";
import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import { childEnvironment } from "./child-environment.ts";
import { holdFirst, LOOPBACK } from "./held-port.ts";
import type { RunnerServer } from "./keeper.ts";
import { addressOf, reachSockets } from "./open-socket.ts";
import { socketsFor } from "./runner-clients.ts";
import { type Child, type ChildOutput, type ChildSpec, spawnChild } from "./spawn-child.ts";

export interface ProcessOptions {
  /** Milliseconds from the start of a process to its first accepted connection. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between SIGTERM and SIGKILL; 0 for SIGKILL at once. */
  readonly termGraceMs: number;
  /** What a process inherits; `RRQ_REDIS_DSN` only if `passRedisDsn`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly passRedisDsn: boolean;
  readonly output: ChildOutput;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Starts a process of a runner on the first of `ports` that is free, and connects to it. When that fails, or `life` aborts,
 * nothing is left of it. Throws `RUNNER_UNAVAILABLE` with the reason and, if it is captured, what the process wrote last.
 */
export async function startRunnerProcess(
  settings: RunnerSettings,
  ports: Iterable<number>,
  options: ProcessOptions,
  life: AbortSignal,
): Promise<RunnerServer> {
  const held = await holdFirst(ports);
  if (held === null) throw new RrqError("RUNNER_UNAVAILABLE", "runner tcp_socket port range exhausted");
  try {
    life.throwIfAborted();
    const server = await startOn(held.port, settings, options, life);
    return { ...server, end: (reason) => server.end(reason).finally(held.release) };
  } catch (error) {
    held.release();
    throw error;
  }
}

async function startOn(
  port: number,
  settings: RunnerSettings,
  options: ProcessOptions,
  life: AbortSignal,
): Promise<RunnerServer> {
  const { clock, log, termGraceMs } = options;
  const address = addressOf({ host: LOOPBACK, port });
  const child = await spawnChild(childSpec(settings, address, options), clock, log);
  try {
    const sockets = await connectTo(child, port, socketsFor(settings.maxInFlight), options, life);
    return { pid: child.pid, address, sockets, exited: child.exited, end: (reason) => child.end(reason, termGraceMs) };
  } catch (error) {
    await child.end(life.aborted ? "pool_close" : "spawn_connect_failure", termGraceMs);
    throw withLastLines(error, child.lastLines());
  }
}

function childSpec(settings: RunnerSettings, address: string, options: ProcessOptions): ChildSpec {
  const [command = "", ...args] = settings.cmd;
  return {
    runner: settings.name,
    command,
    args: [...args, "--tcp-socket", address],
    cwd: settings.cwd,
    env: childEnvironment({
      inherited: options.env,
      own: settings.env,
      passRedisDsn: options.passRedisDsn,
      address,
      parentPid: process.pid,
    }),
    output: options.output,
  };
}

/** Opens `count` sockets, as soon as the child listens; its exit is seen at once. */
async function connectTo(
  child: Child,
  port: number,
  count: number,
  options: ProcessOptions,
  life: AbortSignal,
): Promise<Socket[]> {
  const { clock, log, connectTimeoutMs } = options;
  const startedAt = clock.monotonic();
  let attempt = 0;
  const elapsed = () => ({ elapsed_ms: Math.round(clock.monotonic() - startedAt), attempt });
  log.info("Waiting for runner socket to be ready...", { timeout_ms: connectTimeoutMs });

  const exited = new AbortController();
  void child.exited.then((how) => {
    exited.abort(new RrqError("RUNNER_UNAVAILABLE", `runner exited before socket ready (${how})`));
  });
  const to = { host: LOOPBACK, port };
  const signal = AbortSignal.any([life, exited.signal]);
  let sockets: Socket[] = [];
  try {
    sockets = await reachSockets(to, count, { withinMs: connectTimeoutMs, clock, signal, onAttempt: () => (attempt += 1) });
    signal.throwIfAborted(); // somebody else may have answered on the port of a child that is gone
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    if (exited.signal.aborted) {
      log.warn("Runner process exited before socket ready", { ...elapsed(), exit_status: await child.exited });
    }
    throw error;
  }
  log.info("Runner socket connected successfully", elapsed());
  return sockets;
}

function withLastLines(error: unknown, lines: readonly string[]): unknown {
  if (!RrqError.is(error) || lines.length === 0) return error;
  return new RrqError(error.code, [`${error.message}; its last lines:`, ...lines].join("\n"), { cause: error });
}
