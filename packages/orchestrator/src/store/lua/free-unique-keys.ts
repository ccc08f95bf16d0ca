import type { LuaFunction } from "@rrq/producer/redis";

/** `freeUniqueKeys(job, jobId)`: gives up the unique keys of a job that ends, upstream's and ours, if they still name it. */
export const freeUniqueKeys: LuaFunction = {
  name: "freeUniqueKeys",
  source: `
local function freeIfNamed(key, jobId)
  if redis.pcall("GET", key) == jobId then redis.call("DEL", key) end
end
local function freeUniqueKeys(job, jobId)
  local held = redis.call("HMGET", job, "job_unique_key", "unique_key")
  if held[1] then freeIfNamed("rrq:lock:unique:" .. held[1], jobId) end
  if held[2] then freeIfNamed("rrq:ts:unique:" .. held[2], jobId) end
end`,
};
