import { RrqError } from "@rrq/protocol";
import type { RunnerSettings } from "@rrq/protocol/config";
import { LOOPBACK, portsFor } from "./held-port.ts";
import { type RestartPolicy, RESTARTS } from "./restart-policy.ts";
import { RunnerPool } from "./runner-pool.ts";
import { type ProcessOptions, startRunnerProcess } from "./runner-process.ts";

export interface ManagedOptions extends ProcessOptions {
  /** Milliseconds for a handler to end, after its cancel or the end of its time. */
  readonly abortGraceMs: number;
  readonly restarts?: RestartPolicy;
}

/** Hosts of `tcp_host` that say what happens anyway. */
const LOOPBACK_NAMES = ["localhost", LOOPBACK, "::1"];
/** Attempts to start a process, before its first start counts as failed. */
const FIRST_ATTEMPTS = 3;

/**
 * Starts `pool_size` processes of a runner, all at once, and keeps them running. Does not wait for them: `ready()` does.
 * Throws `INVALID_CONFIG`.
 */
export async function openRunnerPool(settings: RunnerSettings, options: ManagedOptions): Promise<RunnerPool> {
  const { name, cmd, tcpHost, poolSize } = settings;
  const { abortGraceMs, clock, restarts = RESTARTS } = options;
  if (cmd.length === 0) throw new RrqError("INVALID_CONFIG", `cmd must not be empty for runner '${name}'`);
  const log = options.log.child({ runner: name });
  if (!LOOPBACK_NAMES.includes(tcpHost)) {
    log.info("runner_management_mode=managed ignores tcp_host and binds loopback", {
      configured_host: tcpHost,
      normalized_host: LOOPBACK,
    });
  }
  const starts = Array.from(
    { length: poolSize },
    (_, index) => (life: AbortSignal) =>
      startRunnerProcess(settings, portsFor(settings, index), { ...options, log }, life),
  );
  return new RunnerPool(settings, {
    mode: "managed",
    starts,
    firstAttempts: FIRST_ATTEMPTS,
    replaceWhen: "a-slot-is-stuck",
    restarts,
    abortGraceMs,
    clock,
    log,
  });
}
