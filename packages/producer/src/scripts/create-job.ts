import { jobFields, prefixes } from "@rrq/protocol/redis";
import type { LuaFunction } from "../redis/define-script.ts";

const field = jobFields;

/** What all jobs of one call have in common; text, as it is stored. `queue` is the KEYS of that name, `wake` the channel of its orchestrators. */
export const SHARED_ARGS = ["wake", "functionName", "maxRetries", "timeout", "resultTtl"] as const;

/** What each of them has beside its id. */
export const JOB_ARGS = [
  "nonce",
  /** Epoch milliseconds: its score. */
  "dueAt",
  "params",
  "enqueueTime",
  /** Empty if it is the `enqueueTime`. */
  "runTime",
  /** Two lines of JSON, each of which may be empty: trace context, correlation context. Empty if both are. */
  "contexts",
] as const;

/**
 * `answerIfSeen(job, nonce)`: what to answer if the hash is there: 1 if an earlier try of this very call wrote it,
 * else whether the id belongs to a job of the same function. `false` if there is none.
 */
const answerIfSeen: LuaFunction = {
  name: "answerIfSeen",
  source: `
local function answerIfSeen(job, nonce)
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

/** `splitContexts(contexts)`: trace and correlation, each a JSON text or empty. */
const splitContexts: LuaFunction = {
  name: "splitContexts",
  source: `
local function splitContexts(contexts)
  local cut = string.find(contexts, "\\n", 1, true)
  if not cut then return "", "" end
  return string.sub(contexts, 1, cut - 1), string.sub(contexts, cut + 1)
end`,
};

/**
 * `create(…)`: a PENDING job in `queue`. The queue is written first: if it is of another type, that is the script's error before
 * anything has changed, without a TYPE for each job. What `wakeWorkers` needs is noted.
 */
export const create: LuaFunction = {
  name: "create",
  uses: [checked, answerIfSeen, splitContexts],
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
    "${field.nextRunTime}", runTime == "" and enqueueTime or runTime, "${field.maxRetries}", maxRetries,
    "${field.timeout}", timeout, "${field.resultTtl}", resultTtl, "${field.queue}", queue, "${field.result}", "null",
    "${field.nonce}", nonce)
  if contexts ~= "" then
    local trace, correlation = splitContexts(contexts)
    if trace ~= "" then redis.call("HSET", job, "${field.traceContext}", trace) end
    if correlation ~= "" then redis.call("HSET", job, "${field.correlationContext}", correlation) end
  end
  noteDue(dueAt)
end`,
};

/** Tells the orchestrators once for all jobs of a call, the soonest. A user who may not publish has enqueued all the same. */
export const wakeWorkers = `if wakeAt then redis.pcall("PUBLISH", wake, wakeAt) end`;
