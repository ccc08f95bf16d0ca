export { openCacheFolder } from "./cache-folder.ts";
export { lockFile } from "./file-lock.ts";
export { freePort } from "./free-port.ts";
export { type Guard, startGuard } from "./guard.ts";
export { type PrivateRedis, type PrivateRedisOptions, startPrivateRedis } from "./private-redis.ts";
