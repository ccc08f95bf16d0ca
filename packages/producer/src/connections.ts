import type { RrqError } from "@rrq/protocol";
import type { RedisSource } from "./options.ts";
import { connect, type DuplicateOptions, type ListeningRedis, type RedisLike, untilReady } from "./redis/index.ts";

/** Where a producer's connections come from. */
export interface Connections {
  /** The one for calls, or its opening. Rejects with what {@link connect} rejects with; then the next time tries anew. */
  current(): RedisLike | Promise<RedisLike>;
  /** Resolves when it may be worth asking again after a loss. */
  back(): Promise<void>;
  /** The latest reason why Redis could not be reached, if it is known. */
  trouble(): RrqError | null;
  /** A second one, for channels only. It comes back by itself; the caller closes it. */
  openListener(): Promise<ListeningRedis>;
  /** Aborts with {@link close}. */
  readonly closing: AbortSignal;
  /** Lets go of the one for calls, and ends what is being opened. Twice is fine. */
  close(): void;
}

export function openConnections(source: RedisSource): Connections {
  return source.kind === "client" ? new BorrowedConnections(source.redis) : new OwnConnections(source.dsn, source.tlsCaFile);
}

class OwnConnections implements Connections {
  readonly #dsn: string;
  readonly #tlsCaFile: string | null;
  readonly #closing = new AbortController();
  #opened: (RedisLike & ListeningRedis) | undefined;
  #opening: Promise<RedisLike> | undefined;
  #back: Promise<void> | undefined;
  #trouble: RrqError | null = null;

  constructor(dsn: string, tlsCaFile: string | null) {
    this.#dsn = dsn;
    this.#tlsCaFile = tlsCaFile;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  current(): RedisLike | Promise<RedisLike> {
    return this.#opened ?? (this.#opening ??= this.#open());
  }

  /** One wait for all calls: each would hang listeners of its own on the connection. */
  back(): Promise<void> {
    if (this.#opened === undefined) return Promise.resolve();
    this.#back ??= untilReady(this.#opened, { signal: this.#closing.signal }).finally(() => {
      this.#back = undefined;
    });
    return this.#back;
  }

  trouble(): RrqError | null {
    return this.#trouble;
  }

  openListener(): Promise<ListeningRedis> {
    return this.#connect("rrq-producer-listener");
  }

  close(): void {
    this.#closing.abort();
    this.#opened?.disconnect();
  }

  async #open(): Promise<RedisLike> {
    try {
      this.#opened = await this.#connect("rrq-producer");
      if (this.#closing.signal.aborted) this.#opened.disconnect();
      return this.#opened;
    } finally {
      this.#opening = undefined;
    }
  }

  async #connect(name: string): Promise<RedisLike & ListeningRedis> {
    const redis = await connect(this.#dsn, {
      name,
      tlsCaFile: this.#tlsCaFile,
      signal: this.#closing.signal,
      onTrouble: (error) => {
        this.#trouble = error;
      },
    });
    const forgetTrouble = (): void => {
      this.#trouble = null;
    };
    redis.on("ready", forgetTrouble);
    forgetTrouble();
    return redis;
  }
}

/** On top of the options of a user's client, whatever those are. */
const LISTENER: DuplicateOptions = {
  lazyConnect: true,
  autoResubscribe: false,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  connectionName: "rrq-producer-listener",
  retryStrategy: (attempt) => Math.min(2_000, 25 * 2 ** attempt),
};

/** A user's client reconnects, queues and gives up as the user set it up; we only wait no longer than we said. */
class BorrowedConnections implements Connections {
  readonly #redis: RedisLike;
  readonly #closing = new AbortController();

  constructor(redis: RedisLike) {
    this.#redis = redis;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  current(): RedisLike {
    return this.#redis;
  }

  async back(): Promise<void> {}

  trouble(): null {
    return null;
  }

  async openListener(): Promise<ListeningRedis> {
    const listener = this.#redis.duplicate(LISTENER);
    // It shows in what the connection is asked; ioredis prints what nobody hears.
    listener.on("error", () => undefined);
    listener.connect().catch(() => undefined);
    return listener;
  }

  close(): void {
    this.#closing.abort();
  }
}
