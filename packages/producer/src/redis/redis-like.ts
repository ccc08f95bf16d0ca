/** What we need of a Redis client that a user brings: ioredis 5 and 6 have it. */
export interface RedisLike {
  evalsha(sha: string, numberOfKeys: number, keysAndArgs: string[]): Promise<unknown>;
  eval(lua: string, numberOfKeys: number, keysAndArgs: string[]): Promise<unknown>;
  hgetall(key: string): Promise<Record<string, string>>;
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  ping(): Promise<string>;
  /** A second connection to the same server, with `override` on top of the options of this one. */
  duplicate(override?: DuplicateOptions): RedisLike & ListeningRedis;
}

/** What we set on a connection of our own that comes from a user's client. */
export interface DuplicateOptions {
  readonly lazyConnect: boolean;
  readonly autoResubscribe: boolean;
  readonly enableOfflineQueue: boolean;
  readonly maxRetriesPerRequest: number;
  readonly connectionName: string;
  readonly retryStrategy: (attempt: number) => number;
}

/** A connection that listens to channels. */
export interface ListeningRedis {
  readonly status: string;
  connect(): Promise<void>;
  disconnect(): void;
  ping(): Promise<string>;
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
  on(event: "message", listener: (channel: string, message: string) => void): unknown;
  on(event: "ready" | "close" | "end", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "ready" | "close" | "end", listener: () => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
}
