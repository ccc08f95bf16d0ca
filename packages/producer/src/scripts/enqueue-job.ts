import { defineBatchScript } from "../redis/define-script.ts";
import { create, JOB_ARGS, SHARED_ARGS, wakeWorkers } from "./create-job.ts";
import { readEnqueueReply } from "./enqueue-reply.ts";

/** → PENDING, unless its id is taken. The second execution of one call answers as the first. */
export const enqueueJobs = defineBatchScript({
  name: "enqueue-job",
  keys: ["queue"],
  args: SHARED_ARGS,
  uses: [create],
  each: { keys: ["job"], args: JOB_ARGS },
  lua: /* lua */ `
    local seen = answerIfSeen(job, nonce)
    if seen then return seen end
    create(job, ${JOB_ARGS.join(", ")})
    return 1
  `,
  after: wakeWorkers,
  reply: readEnqueueReply,
});
