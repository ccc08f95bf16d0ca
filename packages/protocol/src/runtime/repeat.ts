import type { Clock } from "./clock.ts";

export interface RepeatOptions {
  /** Milliseconds between the end of one step and the start of the next. */
  readonly pauseMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/** Runs `step` at once and then after every pause, until `signal` aborts. A failed step is reported, not fatal. */
export async function repeat(step: (signal: AbortSignal) => Promise<void>, options: RepeatOptions): Promise<void> {
  const { pauseMs, clock, signal, onError } = options;
  while (!signal.aborted) {
    await step(signal).catch((error: unknown) => {
      if (!signal.aborted) onError(error);
    });
    await clock.sleep(pauseMs, signal);
  }
}
