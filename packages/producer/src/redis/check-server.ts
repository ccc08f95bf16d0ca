import { RrqError } from "@rrq/protocol";
import { isReply, toRedisError } from "./redis-errors.ts";

const OLDEST = [6, 2] as const;

/**
 * Throws `REDIS_UNSUPPORTED` for a Redis before 6.2. Valkey, KeyDB and others name the Redis that they stand for.
 * A user who may not ask is trusted.
 */
export async function checkServer(redis: { info(section: string): Promise<string> }, where: string): Promise<void> {
  let info: string;
  try {
    info = await redis.info("server");
  } catch (error) {
    if (isReply(error) && error.message.startsWith("NOPERM")) return;
    throw toRedisError("INFO", error);
  }
  const version = /^redis_version:(\d+)\.(\d+)\S*/m.exec(info);
  if (version === null) return;
  const [text, major, minor] = [version[0].slice("redis_version:".length), Number(version[1]), Number(version[2])];
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new RrqError("REDIS_UNSUPPORTED", `${where} is Redis ${text}; RRQ needs ${OLDEST.join(".")} or newer, or Valkey`);
  }
}
