import { jobFields, keys, prefixes } from "@rrq/protocol/redis";
import { defineBatchScript } from "../redis/define-script.ts";
import { create, JOB_ARGS, SHARED_ARGS, wakeWorkers } from "./create-job.ts";
import { readEnqueueReply } from "./enqueue-reply.ts";

/**
 * → PENDING, unless the job that the unique key names is unfinished. Whoever ends that job deletes the key; a key that was left behind,
 * because the hash is gone or somebody else ended it, is simply taken over.
 */
export const enqueueUniqueJobs = defineBatchScript({
  name: "enqueue-unique",
  keys: ["queue"],
  args: SHARED_ARGS,
  uses: [create],
  each: { keys: ["job", "holder"], args: JOB_ARGS },
  lua: /* lua */ `
    local seen = answerIfSeen(job, nonce)
    if seen == 1 then return 1 end
    local named = checked(holder, "GET")
    if named then
      local held = redis.pcall("HMGET", "${prefixes.job}" .. named, "${jobFields.status}", "${jobFields.closed}")
      local ended = held.err or not held[1] or held[2] or held[1] == "COMPLETED" or held[1] == "FAILED" or held[1] == "CANCELLED"
      if not ended then return {"held", named} end
    end
    if seen then return seen end
    create(job, ${JOB_ARGS.join(", ")})
    redis.call("SET", holder, string.sub(job, ${prefixes.job.length + 1}))
    redis.call("HSET", job, "${jobFields.uniqueKey}", string.sub(holder, ${keys.unique("").length + 1}))
    return 1
  `,
  after: wakeWorkers,
  reply: readEnqueueReply,
});
