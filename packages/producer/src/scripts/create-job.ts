import { jobFields, prefixes } from "@rrq/protocol/redis";
import type { LuaFunction } from "../redis/define-script.ts";

const field = jobFields;

/** What is written of each new job, and how it is called in the scripts that write it. All text; instants and durations as they are stored. */
export const JOB_ARGS = [
  "nonce",
  /** Epoch milliseconds: its score. */
  "dueAt",
  "functionName",
  "params",
  "enqueueTime",
  "runTime",
  "maxRetries",
  "timeout",
  "resultTtl",
  /** Empty for none, as in upstream's scripts. */
  "trace",
  "correlation",
] as const;

/**
 * `answerIfSeen(job, nonce, functionName)`: what to answer if the hash is there: 1 if an earlier try of this very call wrote it,
 * else whether the id belongs to a job of the same function. `false` if there is none.
 */
const answerIfSeen: LuaFunction = {
  name: "answerIfSeen",
  source: `
local function answerIfSeen(job, nonce, functionName)
  if redis.call("EXISTS", job) == 0 then return false end
  local held = checked(job, "HMGET", "${field.nonce}", "${field.functionName}")
  if held[1] == nonce then return 1 end
  return {held[2] == functionName and "same-id" or "other-job"}
end`,
};

/** `checked(key, command, …)`: what the command answers; where the key has another type, an error that names it. */
export const checked: LuaFunction = {
  name: "checked",
  source: `
local function checked(key, command, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) == "table" and reply.err then
    error(string.find(reply.err, "WRONGTYPE", 1, true) and "WRONGTYPE " .. key .. " holds another type" or reply.err, 0)
  end
  return reply
end`,
};

/**
 * `create(…)`: a PENDING job in `queue`, the KEYS of that name. The queue is written first: if it is of another type, that is the script's
 * error before anything has changed, without a TYPE for each job. What `wake` needs is noted.
 */
export const create: LuaFunction = {
  name: "create",
  uses: [checked, answerIfSeen],
  source: `
local wakeAt
local function noteDue(dueAt)
  if not wakeAt or tonumber(dueAt) < tonumber(wakeAt) then wakeAt = dueAt end
end
local function create(job, ${JOB_ARGS.join(", ")})
  local id = string.sub(job, ${prefixes.job.length + 1})
  checked(queue, "ZADD", dueAt, id)
  redis.call("HSET", job,
    "${field.id}", id, "${field.functionName}", functionName, "${field.params}", params,
    "${field.enqueueTime}", enqueueTime, "${field.status}", "PENDING", "${field.retries}", "0",
    "${field.nextRunTime}", runTime, "${field.maxRetries}", maxRetries, "${field.timeout}", timeout,
    "${field.resultTtl}", resultTtl, "${field.queue}", queue, "${field.result}", "null", "${field.nonce}", nonce)
  if trace ~= "" then redis.call("HSET", job, "${field.traceContext}", trace) end
  if correlation ~= "" then redis.call("HSET", job, "${field.correlationContext}", correlation) end
  noteDue(dueAt)
end`,
};

/** Tells the orchestrators once for all jobs of a call, the soonest. A user who may not publish has enqueued all the same. */
export const wakeWorkers = `if wakeAt then redis.pcall("PUBLISH", wake, wakeAt) end`;
