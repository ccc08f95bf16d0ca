import type { Clock } from "@rrq/protocol/runtime";

/** Something to sleep beside: rings that come while nobody listens are heard by the next wait. */
export class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    if (this.#wake === null) this.#rung = true;
    else this.#wake();
  }

  /** Until the next ring, `ms` at the longest, or `signal` aborts. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (this.#rung || signal.aborted) {
      this.#rung = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, () => this.#wake?.());
      const wake = (): void => {
        this.#wake = null;
        cancel();
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
