import type { Clock } from "@rrq/protocol/runtime";

/** What `promise` resolves with, or `null` if that takes longer than `ms`. Leaves no timer behind. */
export async function within<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T | null> {
  const settled = new AbortController();
  try {
    return await Promise.race([promise, clock.sleep(ms, settled.signal).then(() => null)]);
  } finally {
    settled.abort();
  }
}
