import { jobFields, prefixes } from "@rrq/protocol/redis";
import { defineBatchScript } from "../redis/define-script.ts";
import { create, JOB_ARGS, SHARED_ARGS, wakeWorkers } from "./create-job.ts";
import { readEnqueueReply } from "./enqueue-reply.ts";

/**
 * → PENDING, unless the idempotency key stands for a job whose hash is there, in whatever state; upstream's producers share these keys.
 * The hash that the key names is the only key that is not declared: nobody knows it before.
 */
export const enqueueIdempotentJobs = defineBatchScript({
  name: "enqueue-idempotent",
  keys: ["queue"],
  args: SHARED_ARGS,
  uses: [create],
  each: { keys: ["job", "holder"], args: [...JOB_ARGS, "holderTtl"] },
  lua: /* lua */ `
    local seen = answerIfSeen(job, nonce)
    if seen == 1 then return 1 end
    local named = checked(holder, "GET")
    if named and redis.call("EXISTS", "${prefixes.job}" .. named) == 1 then return {"held", named} end
    if seen then return seen end
    create(job, ${JOB_ARGS.join(", ")})
    redis.call("SET", holder, string.sub(job, ${prefixes.job.length + 1}), "EX", holderTtl)
    redis.call("HSET", job, "${jobFields.idempotencyKey}", string.sub(holder, ${prefixes.idempotency.length + 1}))
    return 1
  `,
  after: wakeWorkers,
  reply: readEnqueueReply,
});
