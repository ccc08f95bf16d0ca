/** How long a failed job waits before its next attempt. */
export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Share of the delay that is random, 0 to 1: 0.2 spreads it over 80 % to 100 % of the formula. */
  readonly jitter: number;
}

/** Past this the delay is at its cap for any sensible base; upstream stops doubling here too. */
const MAX_DOUBLINGS = 30;

/**
 * Milliseconds to wait after the `failures`-th failed attempt (from 1): min(base × 2^min(failures − 1, 30), max),
 * which is upstream's formula, then shortened by up to `jitter` of it. `random` is in [0, 1).
 */
export function backoffMs(failures: number, policy: BackoffPolicy, random: number): number {
  const doublings = Math.min(Math.max(failures - 1, 0), MAX_DOUBLINGS);
  const full = Math.min(policy.baseMs * 2 ** doublings, policy.maxMs);
  return full * (1 - policy.jitter * random);
}
