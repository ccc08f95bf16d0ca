/**
 * Resources in the order they were opened; they come off in reverse, also when a later step of the opening fails.
 * Stands in for `AsyncDisposableStack`, which is native from Node 24.
 */
export class ResourceStack implements AsyncDisposable {
  #closers: (() => unknown)[] = [];

  /** Closes `resource` with the rest, and answers it. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Runs `close` with the rest. */
  defer(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Hands everything to a new stack: this one then closes nothing. */
  move(): ResourceStack {
    const moved = new ResourceStack();
    moved.#closers = this.#closers;
    this.#closers = [];
    return moved;
  }

  /** Closes all, the latest first. Each is tried; the first error is thrown at the end. Twice is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closers = this.#closers.reverse();
    this.#closers = [];
    const errors: unknown[] = [];
    for (const close of closers) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
