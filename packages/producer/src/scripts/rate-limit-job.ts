import { prefixes } from "@rrq/protocol/redis";
import { defineBatchScript } from "../redis/define-script.ts";
import { create, JOB_ARGS, SHARED_ARGS, wakeWorkers } from "./create-job.ts";
import { readEnqueueReply } from "./enqueue-reply.ts";

/** → PENDING for the first call in the window of a key, which upstream's producers share; nothing for the others, which do not make it longer. */
export const rateLimitJobs = defineBatchScript({
  name: "rate-limit-job",
  keys: ["queue"],
  args: SHARED_ARGS,
  uses: [create],
  each: { keys: ["job", "holder"], args: [...JOB_ARGS, "holderTtl"] },
  lua: /* lua */ `
    local seen = answerIfSeen(job, nonce)
    if seen == 1 then return 1 end
    if checked(holder, "GET") then return {"rate-limited"} end
    if seen then return seen end
    create(job, ${JOB_ARGS.join(", ")})
    redis.call("SET", holder, string.sub(job, ${prefixes.job.length + 1}), "EX", holderTtl)
    return 1
  `,
  after: wakeWorkers,
  reply: readEnqueueReply,
});
