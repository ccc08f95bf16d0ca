import type { ExecutionOutcome, ExecutionRequest, Runner } from "@rrq/protocol";

/** For a runner that tells no slots of its own, or no end of them: as many jobs at once. */
const SLOTS_OF_A_PLAIN_RUNNER = 64;

/**
 * How many jobs may be claimed for one runner. A job holds its slot from its claim until its end is in Redis,
 * which is longer than the runner knows of it.
 */
export class RunnerSlots {
  readonly #runner: Runner;
  #held = 0;
  #executing = 0;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  /** Jobs that may be claimed now. */
  get free(): number {
    const told = this.#runner.freeSlots?.() ?? Infinity;
    const offered = Number.isFinite(told) ? told : SLOTS_OF_A_PLAIN_RUNNER - this.#executing;
    return Math.max(0, offered - (this.#held - this.#executing));
  }

  /** Jobs that hold a slot. */
  get held(): number {
    return this.#held;
  }

  /** A job was claimed for this runner. */
  hold(): void {
    this.#held++;
  }

  /** Its end is in Redis. */
  giveBack(): void {
    this.#held--;
  }

  async execute(request: ExecutionRequest, signal: AbortSignal): Promise<ExecutionOutcome> {
    this.#executing++;
    try {
      return await this.#runner.execute(request, signal);
    } finally {
      this.#executing--;
    }
  }
}
