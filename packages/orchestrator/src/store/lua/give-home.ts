import type { LuaFunction } from "@rrq/producer/redis";
import { dueTime } from "./due-time.ts";
import { endCancelled } from "./end-cancelled.ts";
import { enterQueue } from "./enter-queue.ts";
import { expectType } from "./expect-type.ts";

/**
 * `giveHome(job, jobId, defaultQueue, now, nowMs)`: a job that is PENDING or RETRYING and owned by nobody belongs in its
 * queue at its due time; with `closed` or `cancel` it gets its end instead. Answers what it became.
 */
export const giveHome: LuaFunction = {
  name: "giveHome",
  uses: [dueTime, endCancelled, enterQueue, expectType],
  source: `
local function giveHome(job, jobId, defaultQueue, now, nowMs)
  local held = redis.call("HMGET", job, "closed", "cancel", "queue_name", "next_scheduled_run_time")
  local queue = queueKey(held[3] or defaultQueue)
  expectType(queue, "zset")
  if held[1] then
    redis.call("HSET", job, "status", "COMPLETED")
    redis.call("ZREM", queue, jobId)
    return "completed"
  end
  if held[2] then
    redis.call("ZREM", queue, jobId)
    endCancelled(job, jobId, now)
    return "cancelled"
  end
  if not redis.call("ZSCORE", queue, jobId) then enterQueue(queue, jobId, dueTime(held[4], nowMs)) end
  return "queued"
end`,
};
