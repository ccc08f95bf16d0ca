import type { LuaFunction } from "@rrq/producer/redis";
import { endCancelled } from "./end-cancelled.ts";
import { enterQueue } from "./enter-queue.ts";

/** `release(job, jobId, queue, reason, now, nowMs)`: an ACTIVE job back to its queue, at once and without costing an attempt. With `cancel` it ends instead. */
export const release: LuaFunction = {
  name: "release",
  uses: [endCancelled, enterQueue],
  source: `
local function release(job, jobId, queue, reason, now, nowMs)
  if redis.call("HGET", job, "cancel") then return endCancelled(job, jobId, now) end
  redis.call("HSET", job, "status", "PENDING", "last_error", reason)
  redis.call("HDEL", job, "start_time", "worker_id")
  enterQueue(queue, jobId, nowMs)
end`,
};
