import { defineBatchScript } from "@rrq/producer/redis";
import { expectType } from "../lua/expect-type.ts";
import { giveHome } from "../lua/give-home.ts";
import { release } from "../lua/release.ts";

/** `left`: nothing of it is ours. `waiting`: upstream is between two of its commands. `kept`: a later claim of ours owns it. */
export type Settlement = "released" | "left" | "waiting" | "kept";

/** An id of my active set that does not run here: a claim or an end whose answer was lost. `fence` is the one seen in two rounds. */
export const settleJobs = defineBatchScript({
  name: "settle-job",
  keys: ["active"],
  args: ["workerId", "defaultQueue", "now", "nowMs"],
  each: { keys: ["job", "lock"], args: ["jobId", "fence"] },
  uses: [expectType, giveHome, release],
  lua: /* lua */ `
    expectType(active, "zset")
    if redis.call("TYPE", job).ok ~= "hash" then
      redis.call("ZREM", active, jobId)
      return "left"
    end
    local held = redis.call("HMGET", job, "status", "worker_id", "fence", "queue_name")
    if held[1] == "ACTIVE" then
      if held[2] == workerId and held[3] ~= fence then return "kept" end
      local settled = "left"
      if held[2] == workerId then
        local queue = queueKey(held[4] or defaultQueue)
        expectType(queue, "zset")
        release(job, jobId, queue, "Claimed, but not running. Re-queued.", now, nowMs)
        settled = "released"
      end
      redis.call("ZREM", active, jobId)
      return settled
    end
    if redis.call("EXISTS", lock) == 1 then return "waiting" end
    if held[1] == "PENDING" or held[1] == "RETRYING" then giveHome(job, jobId, defaultQueue, now, nowMs) end
    redis.call("ZREM", active, jobId)
    return "left"
  `,
  reply: (raw) => raw as Settlement,
});
