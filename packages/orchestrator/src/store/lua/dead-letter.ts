import type { LuaFunction } from "@rrq/producer/redis";
import { announceEnd } from "./announce-end.ts";
import { freeUniqueKeys } from "./free-unique-keys.ts";

/** `deadLetter(job, jobId, dlq, reason, now, eventTtl)`: FAILED, in a dead-letter queue, kept for seven days as upstream does. Its types must have been checked. */
export const deadLetter: LuaFunction = {
  name: "deadLetter",
  uses: [freeUniqueKeys, announceEnd],
  source: `
local function dlqKey(name)
  if string.sub(name, 1, 8) == "rrq:dlq:" then return name end
  return "rrq:dlq:" .. name
end
local function deadLetter(job, jobId, dlq, reason, now, eventTtl)
  redis.call("HSET", job, "status", "FAILED", "last_error", reason, "completion_time", now)
  redis.call("LPUSH", dlq, jobId)
  redis.call("EXPIRE", job, 604800)
  freeUniqueKeys(job, jobId)
  writeEvent(jobId, "failed", "FAILED", eventTtl)
  announceEnd(jobId, "FAILED")
end`,
};
