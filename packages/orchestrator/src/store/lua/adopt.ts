import type { LuaFunction } from "@rrq/producer/redis";
import { deadLetter } from "./dead-letter.ts";
import { giveHome } from "./give-home.ts";

/**
 * `adopt(job, jobId, defaultQueue, defaultDlq, maxRescues, now, nowMs, eventTtl)`: takes an ACTIVE job from an owner that is
 * dead. The interrupted attempt is not charged; a job that was rescued too often is dead-lettered, since it may be what
 * kills its orchestrators. Answers what it became.
 */
export const adopt: LuaFunction = {
  name: "adopt",
  uses: [giveHome, deadLetter],
  source: `
local function adopt(job, jobId, defaultQueue, defaultDlq, maxRescues, now, nowMs, eventTtl)
  local held = redis.call("HMGET", job, "closed", "cancel", "rescues", "dlq_name", "queue_name")
  local rescues = (tonumber(held[3]) or 0) + 1
  if not held[1] and not held[2] and rescues > tonumber(maxRescues) then
    local dlq = dlqKey(held[4] or defaultDlq)
    expectType(dlq, "list")
    expectType("rrq:events:job:" .. jobId, "stream")
    local queue = queueKey(held[5] or defaultQueue)
    if redis.call("TYPE", queue).ok == "zset" then redis.call("ZREM", queue, jobId) end
    deadLetter(job, jobId, dlq, "Rescued from a dead orchestrator " .. maxRescues .. " times. Moved to DLQ.", now, eventTtl)
    return "dead-lettered"
  end
  local home = giveHome(job, jobId, defaultQueue, now, nowMs)
  if home == "queued" then
    redis.call("HSET", job, "status", "PENDING", "rescues", rescues, "last_error", "Recovered after lock expiry or worker crash.")
    redis.call("HDEL", job, "start_time", "worker_id")
  end
  return home
end`,
};
