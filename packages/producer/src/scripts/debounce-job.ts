import { jobFields, prefixes } from "@rrq/protocol/redis";
import { defineBatchScript } from "../redis/define-script.ts";
import { create, JOB_ARGS, SHARED_ARGS, wakeWorkers } from "./create-job.ts";
import { readEnqueueReply } from "./enqueue-reply.ts";

const field = jobFields;

/**
 * PENDING → PENDING with new params, due time and queue, if the key names such a job, which upstream's producers share; else → PENDING.
 * A job that was moved leaves its old queue: `oldQueue` is where the caller thinks it is, and the answer `elsewhere` where it is really.
 * One that is about to end (`closed`, `cancel`) takes over nothing, for what it took over would never run.
 */
export const debounceJobs = defineBatchScript({
  name: "debounce-job",
  keys: ["queue"],
  args: SHARED_ARGS,
  uses: [create],
  each: { keys: ["job", "holder", "oldQueue"], args: [...JOB_ARGS, "holderTtl"] },
  lua: /* lua */ `
    local seen = answerIfSeen(job, nonce)
    if seen == 1 then return 1 end
    local named = checked(holder, "GET")
    if named then
      local waiting = "${prefixes.job}" .. named
      local held = redis.pcall("HMGET", waiting,
        "${field.status}", "${field.closed}", "${field.cancel}", "${field.queue}", "${field.mergeNonce}")
      if not held.err then
        if held[5] == nonce then return {"debounced", named} end
        if held[1] == "PENDING" and not held[2] and not held[3] then
          local at = held[4] or oldQueue
          if string.sub(at, 1, ${prefixes.queue.length}) ~= "${prefixes.queue}" then at = "${prefixes.queue}" .. at end
          if at ~= oldQueue then return {"elsewhere", at} end
          checked(oldQueue, "ZSCORE", named)
          checked(queue, "ZADD", dueAt, named)
          if oldQueue ~= queue then redis.call("ZREM", oldQueue, named) end
          redis.call("HSET", waiting,
            "${field.functionName}", functionName, "${field.params}", params, "${field.nextRunTime}", runTime == "" and enqueueTime or runTime,
            "${field.maxRetries}", maxRetries, "${field.timeout}", timeout, "${field.resultTtl}", resultTtl,
            "${field.queue}", queue, "${field.mergeNonce}", nonce)
          local trace, correlation = splitContexts(contexts)
          if trace ~= "" then redis.call("HSET", waiting, "${field.traceContext}", trace) end
          if correlation ~= "" then
            redis.call("HSET", waiting, "${field.correlationContext}", correlation)
          else
            redis.call("HDEL", waiting, "${field.correlationContext}")
          end
          redis.call("EXPIRE", holder, holderTtl)
          noteDue(dueAt)
          return {"debounced", named}
        end
      end
    end
    if seen then return seen end
    create(job, ${JOB_ARGS.join(", ")})
    redis.call("SET", holder, string.sub(job, ${prefixes.job.length + 1}), "EX", holderTtl)
    return 1
  `,
  after: wakeWorkers,
  reply: readEnqueueReply,
});
