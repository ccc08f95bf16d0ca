import type { LuaFunction } from "@rrq/producer/redis";
import { enterQueue } from "./enter-queue.ts";

/**
 * `misplaced(job, jobId, lock, defaultQueue)`: how an unfinished job is in no place: `"waiting"` in no queue, `"orphan"` of a
 * dead owner that does not track it, or `false`. Only upstream's unguarded steps, in a race with its recovery, leave one behind.
 */
export const misplaced: LuaFunction = {
  name: "misplaced",
  uses: [enterQueue],
  source: `
local function misplaced(job, jobId, lock, defaultQueue)
  local held = redis.pcall("HMGET", job, "status", "worker_id", "queue_name")
  if held.err then return false end
  local status, owner = held[1], held[2]
  local waits = status == "PENDING" or status == "RETRYING"
  if not waits and status ~= "ACTIVE" then return false end
  if redis.call("EXISTS", lock) == 1 then return false end
  if owner then
    -- An error, for a key of another type, is taken for tracked: nothing is done on a guess.
    if redis.pcall("ZSCORE", "rrq:active:jobs:" .. owner, jobId) then return false end
  end
  if waits then
    if redis.pcall("ZSCORE", queueKey(held[3] or defaultQueue), jobId) then return false end
    return "waiting"
  end
  if owner and redis.call("EXISTS", "rrq:health:worker:" .. owner) == 1 then return false end
  return "orphan"
end`,
};
