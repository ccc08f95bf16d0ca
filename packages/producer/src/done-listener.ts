import { channels } from "@rrq/protocol/redis";
import type { Connections } from "./connections.ts";
import type { ListeningRedis } from "./redis/index.ts";

export interface DoneEvents {
  /** A job of this id ended. */
  onDone(id: string): void;
  /** What was announced in the meantime is lost; these are the ids that were listened to. */
  onGap(): void;
}

const CHANNEL_PREFIX = channels.done("");

/**
 * Hears of the ends of jobs: one connection for all of them, opened when the first is listened to. Its troubles are nobody's error: whoever
 * needs to know for sure looks at the job itself.
 */
export class DoneListener {
  readonly #connections: Connections;
  readonly #events: DoneEvents;
  readonly #ids = new Set<string>();
  #redis: ListeningRedis | undefined;
  #opening = false;
  #closed = false;

  constructor(connections: Connections, events: DoneEvents) {
    this.#connections = connections;
    this.#events = events;
  }

  /** Resolves when an end that is announced from now on will be heard, or when that is not possible for now. */
  async listen(id: string): Promise<void> {
    this.#ids.add(id);
    if (this.#redis === undefined) this.#open();
    else await this.#redis.subscribe(channels.done(id)).catch(() => undefined);
  }

  forget(id: string): void {
    this.#ids.delete(id);
    this.#redis?.unsubscribe(channels.done(id)).catch(() => undefined);
  }

  /** Asks for a sign of life, so that a connection that died without a word is noticed. */
  probe(): void {
    if (this.#redis === undefined) this.#open();
    else this.#redis.ping().catch(() => undefined);
  }

  /** Twice is fine. */
  close(): void {
    this.#closed = true;
    this.#redis?.disconnect();
    this.#redis = undefined;
  }

  #open(): void {
    if (this.#opening || this.#closed) return;
    this.#opening = true;
    this.#connections.openListener().then(
      (redis) => {
        this.#opening = false;
        this.#use(redis);
      },
      () => {
        this.#opening = false; // the next probe tries again
      },
    );
  }

  #use(redis: ListeningRedis): void {
    if (this.#closed) {
      redis.disconnect();
      return;
    }
    this.#redis = redis;
    redis.on("message", (channel) => this.#events.onDone(channel.slice(CHANNEL_PREFIX.length)));
    redis.on("ready", () => this.#resume(redis));
    redis.on("end", () => {
      if (this.#redis === redis) this.#redis = undefined;
    });
    if (redis.status === "ready") this.#resume(redis);
  }

  #resume(redis: ListeningRedis): void {
    if (this.#ids.size === 0) return;
    const all = [...this.#ids].map((id) => channels.done(id));
    redis.subscribe(...all).then(
      () => this.#events.onGap(),
      () => undefined, // lost again: "ready" comes again
    );
  }
}
