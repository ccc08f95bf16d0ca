import type { Clock } from "@rrq/protocol/runtime";

/**
 * One timer for many deadlines: it rings at the earliest it was asked for. Whoever is rung looks at what is due and asks
 * again for the next. A deadline that is no longer wanted stays: a ring too many costs less than a timer for each job.
 *
 * It rings after the sockets were read. When this process was stopped or busy for a while its timers come first, and an
 * answer that arrived in time would be found missing.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at = Infinity;
  #cancel: () => void = () => {};

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `at` of the monotonic clock, if it would not ring before. */
  noLaterThan(at: number): void {
    if (at >= this.#at) return;
    this.#cancel();
    this.#at = at;
    this.#cancel = this.#clock.after(Math.ceil(at - this.#clock.monotonic()), () => {
      const reading = setImmediate(() => {
        this.#at = Infinity;
        this.#ring();
      });
      this.#cancel = () => clearImmediate(reading);
    });
  }

  stop(): void {
    this.#cancel();
    this.#at = Infinity;
  }
}
