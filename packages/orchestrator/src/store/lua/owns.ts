import type { LuaFunction } from "@rrq/producer/redis";

/** `owns(job, workerId, fence)`: the fence. Whether this claim of this worker still owns the job; nothing else counts. A key of another type is nobody's job. */
export const owns: LuaFunction = {
  name: "owns",
  source: `
local function owns(job, workerId, fence)
  local held = redis.pcall("HMGET", job, "worker_id", "fence", "status")
  return held[1] == workerId and held[2] == fence and held[3] == "ACTIVE"
end`,
};
