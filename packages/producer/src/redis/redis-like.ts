/** What we need of a Redis client that a user brings: ioredis 5 and 6 have it. */
export interface RedisLike {
  evalsha(sha: string, numberOfKeys: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
  eval(lua: string, numberOfKeys: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
  hgetall(key: string): Promise<Record<string, string>>;
  duplicate(): RedisLike;
}
