import { vi } from "vitest";

/** What takes longer is broken, also on a busy machine. */
const LIMIT_MS = 15_000;

/** Calls `look` until it does not throw, and answers what it answered; throws its last error when time is over. */
export function eventually<T>(look: () => T | Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  return vi.waitFor(look, { timeout: limitMs, interval: 20 });
}
