/** How far the jobs of one function are. */
export interface Progress {
  readonly functionName: string;
  readonly accepted: number;
  readonly ended: number;
}

/** Counts jobs from their acceptance to their end. */
export class ProgressCounter {
  readonly #functions = new Map<string, { accepted: number; ended: number }>();
  readonly #listeners: { readonly share: number; readonly reached: () => void }[] = [];

  accept(functionName: string): void {
    this.#of(functionName).accepted += 1;
  }

  end(functionName: string): void {
    this.#of(functionName).ended += 1;
    const share = this.ended / this.accepted;
    for (const listener of this.#listeners) if (share >= listener.share) listener.reached();
  }

  get accepted(): number {
    return this.#sum(({ accepted }) => accepted);
  }

  get ended(): number {
    return this.#sum(({ ended }) => ended);
  }

  /** Resolves once this share of the accepted jobs has ended. */
  reaches(share: number): Promise<void> {
    return new Promise((reached) => this.#listeners.push({ share, reached }));
  }

  /** In the order in which they were first accepted. */
  byFunction(): Progress[] {
    return [...this.#functions].map(([functionName, counts]) => ({ functionName, ...counts }));
  }

  #of(functionName: string): { accepted: number; ended: number } {
    let counts = this.#functions.get(functionName);
    if (counts === undefined) this.#functions.set(functionName, (counts = { accepted: 0, ended: 0 }));
    return counts;
  }

  #sum(pick: (counts: { accepted: number; ended: number }) => number): number {
    return [...this.#functions.values()].reduce((sum, counts) => sum + pick(counts), 0);
  }
}
