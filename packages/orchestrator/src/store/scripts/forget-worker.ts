import { defineScript } from "@rrq/producer/redis";

/** Takes a worker out of our index once it has no heartbeat and nothing left to adopt. */
export const forgetWorker = defineScript({
  name: "forget-worker",
  keys: ["workers", "health", "active"],
  args: ["workerId"],
  lua: /* lua */ `
    if redis.call("EXISTS", health) == 1 or redis.call("EXISTS", active) == 1 then return 0 end
    return redis.call("SREM", workers, workerId)
  `,
  reply: (raw): boolean => raw === 1,
});
