interface Waiting<Item, Reply> {
  readonly item: Item;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends what is added in one turn of the event loop together, so that ends which come in together cost one call.
 * Nothing waits for a timer: a job's end is on its way before its slot is given away.
 */
export class TurnBatch<Item, Reply> {
  readonly #send: (items: readonly Item[]) => Promise<readonly (Reply | Error)[]>;
  readonly #max: number;
  #waiting: Waiting<Item, Reply>[] = [];

  /** @param max Items in one call, so that no call holds Redis up. */
  constructor(send: (items: readonly Item[]) => Promise<readonly (Reply | Error)[]>, max: number) {
    this.#send = send;
    this.#max = max;
  }

  /** The reply about this item; rejects with what was refused for it, or with what broke the call. */
  add(item: Item): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ item, resolve, reject });
    });
  }

  #flush(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < all.length; start += this.#max) {
      void this.#call(all.slice(start, start + this.#max));
    }
  }

  async #call(part: readonly Waiting<Item, Reply>[]): Promise<void> {
    try {
      const replies = await this.#send(part.map(({ item }) => item));
      part.forEach(({ resolve, reject }, index) => {
        const reply = replies[index] as Reply | Error;
        if (reply instanceof Error) reject(reply);
        else resolve(reply);
      });
    } catch (error) {
      for (const { reject } of part) reject(error);
    }
  }
}
