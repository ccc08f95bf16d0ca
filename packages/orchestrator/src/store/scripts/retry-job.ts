import { defineBatchScript } from "@rrq/producer/redis";
import { countAttempt } from "../lua/count-attempt.ts";
import { endCancelled } from "../lua/end-cancelled.ts";
import { enterQueue } from "../lua/enter-queue.ts";
import { expectType } from "../lua/expect-type.ts";
import { owns } from "../lua/owns.ts";
import { readEnd } from "./read-end.ts";

/** ACTIVE → RETRYING: the attempt counts, and the job goes back to its queue. With `cancel` it ends instead. A worker without the lease changes nothing. */
export const retryJobs = defineBatchScript({
  name: "retry-job",
  keys: ["active"],
  args: ["workerId", "now"],
  each: { keys: ["job", "queue"], args: ["jobId", "fence", "runAt", "runAtText", "reason"] },
  uses: [owns, expectType, endCancelled, enterQueue, countAttempt],
  lua: /* lua */ `
    if not owns(job, workerId, fence) then return "lease-lost" end
    expectType(active, "zset")
    expectType(queue, "zset")
    countAttempt(job, reason, now)
    redis.call("ZREM", active, jobId)
    if redis.call("HGET", job, "cancel") then
      endCancelled(job, jobId, now)
    else
      redis.call("HSET", job, "status", "RETRYING", "last_error", reason, "next_scheduled_run_time", runAtText)
      enterQueue(queue, jobId, runAt)
    end
    return "done"
  `,
  reply: readEnd,
});
