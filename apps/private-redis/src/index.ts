export { type PrivateRedis, type PrivateRedisOptions, startPrivateRedis } from "./private-redis.ts";
