import { defineScript } from "@rrq/producer/redis";

/** The last act of a worker: its heartbeat goes at once, so that what it could not release is adopted at once. */
export const leave = defineScript({
  name: "leave",
  keys: ["workers", "health", "active"],
  args: ["workerId"],
  lua: /* lua */ `
    redis.call("DEL", health)
    if redis.call("EXISTS", active) == 0 then redis.call("SREM", workers, workerId) end
    return 1
  `,
  reply: () => undefined,
});
