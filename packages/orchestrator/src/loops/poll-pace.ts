/** How often queues are polled, for the sake of upstream's producers, which wake nobody. */
export interface PollPace {
  /** Milliseconds until the next poll. */
  pauseMs(now: number): number;
  /** A job of upstream's producer was claimed. */
  foreignJobSeen(now: number): void;
}

/** While nothing tells of an upstream producer. */
const QUIET_PAUSE_MS = 1_500;
/** How long one job of upstream's makes us expect the next. */
const EXPECT_MORE_MS = 10 * 60_000;

/** Upstream's own poll delay: its producers' jobs are picked up as fast as there. */
const FOREIGN_PAUSE_MS = 100;

/** @param configuredMs The poll delay if the file sets one: then it always holds. */
export function createPollPace(configuredMs: number | null): PollPace {
  let foreignUntil = -Infinity;
  return {
    pauseMs: (now) => configuredMs ?? (now < foreignUntil ? FOREIGN_PAUSE_MS : QUIET_PAUSE_MS),
    foreignJobSeen: (now) => {
      foreignUntil = now + EXPECT_MORE_MS;
    },
  };
}
