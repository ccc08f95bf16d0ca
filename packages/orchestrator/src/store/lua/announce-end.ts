import type { LuaFunction } from "@rrq/producer/redis";

/**
 * `announceEnd(jobId, status)`: tells our waiters; a user who may not publish has ended the job all the same. `writeEvent(jobId, event, status, ttl)`: tells upstream's too, whose stream
 * must have been checked with `expectType`; a ttl of "0" writes none.
 */
export const announceEnd: LuaFunction = {
  name: "announceEnd",
  source: `
local function announceEnd(jobId, status)
  redis.pcall("PUBLISH", "rrq:ts:done:" .. jobId, status)
end
local function writeEvent(jobId, event, status, ttl)
  if ttl == "0" then return end
  local events = "rrq:events:job:" .. jobId
  redis.call("XADD", events, "*", "event", event, "job_id", jobId, "status", status)
  redis.call("EXPIRE", events, ttl)
end`,
};
