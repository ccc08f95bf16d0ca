/** How fast a process that ends by itself is started again. Milliseconds. */
export interface RestartPolicy {
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
  /** Failures in a row from which on it is left alone for `breakMs` between two attempts. */
  readonly breakAfter: number;
  readonly breakMs: number;
  /** A process that was up this long was well: its end begins a new row. */
  readonly steadyMs: number;
}

export const RESTARTS: RestartPolicy = {
  firstPauseMs: 100,
  maxPauseMs: 2_000,
  breakAfter: 6,
  breakMs: 30_000,
  steadyMs: 2_000,
};

/** For a runner that we only connect to: looking whether it is back costs little. */
export const RECONNECTS: RestartPolicy = { ...RESTARTS, breakAfter: Infinity };

/** What follows the end of a process that nobody asked for. */
export interface Restart {
  /** Failures in a row, this one counted. */
  readonly failures: number;
  readonly pauseMs: number;
  /** Whether it failed so often that it is tried only now and then. */
  readonly broken: boolean;
}

/** `upMs`: how long the process had been ready, 0 if it never was. */
export function nextRestart(failuresBefore: number, upMs: number, policy: RestartPolicy): Restart {
  const failures = upMs >= policy.steadyMs ? 1 : failuresBefore + 1;
  const broken = failures >= policy.breakAfter;
  const pauseMs = broken
    ? policy.breakMs
    : Math.min(policy.maxPauseMs, policy.firstPauseMs * 2 ** Math.min(failures - 1, 30));
  return { failures, pauseMs, broken };
}
