import type { LuaFunction } from "@rrq/producer/redis";

/** `queueKey(name)`: the key of a queue, stored bare by upstream before 0.9.17. `enterQueue(queue, jobId, runAt)`: puts a job in, and wakes whoever serves the queue. */
export const enterQueue: LuaFunction = {
  name: "enterQueue",
  source: `
local function queueKey(name)
  if string.sub(name, 1, 10) == "rrq:queue:" then return name end
  return "rrq:queue:" .. name
end
local function enterQueue(queue, jobId, runAt)
  redis.call("ZADD", queue, runAt, jobId)
  redis.pcall("PUBLISH", "rrq:ts:wake:" .. string.sub(queue, 11), runAt)
end`,
};
