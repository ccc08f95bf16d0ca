import type { LuaFunction } from "@rrq/producer/redis";
import { announceEnd } from "./announce-end.ts";
import { freeUniqueKeys } from "./free-unique-keys.ts";

/** `endCancelled(job, jobId, now)`: the end of a job that somebody asked to cancel. It frees its idempotency key too, so that it can be made again. */
export const endCancelled: LuaFunction = {
  name: "endCancelled",
  uses: [freeUniqueKeys, announceEnd],
  source: `
local function endCancelled(job, jobId, now)
  redis.call("HSET", job, "status", "CANCELLED", "completion_time", now)
  redis.call("HDEL", job, "cancel")
  redis.call("EXPIRE", job, 604800)
  freeUniqueKeys(job, jobId)
  local idempotencyKey = redis.call("HGET", job, "idempotency_key")
  if idempotencyKey then freeIfNamed("rrq:idempotency:" .. idempotencyKey, jobId) end
  announceEnd(jobId, "CANCELLED")
end`,
};
