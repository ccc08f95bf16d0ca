import { defineBatchScript } from "@rrq/producer/redis";
import { adopt } from "../lua/adopt.ts";
import { expectType } from "../lua/expect-type.ts";

/** `alive`: the owner has a heartbeat, nothing was changed. `waiting`: an upstream lock is on the job. `left`: it was not the dead worker's any more. */
export type Adoption = "queued" | "completed" | "cancelled" | "dead-lettered" | "left" | "waiting" | "alive";

/** A job in the active set of a worker whose heartbeat is gone, looked at inside the script, so that nobody acts on what they read before. */
export const adoptJobs = defineBatchScript({
  name: "adopt-job",
  keys: ["health", "active"],
  args: ["deadWorkerId", "defaultQueue", "defaultDlq", "maxRescues", "now", "nowMs", "eventTtl"],
  each: { keys: ["job", "lock"], args: ["jobId"] },
  uses: [expectType, adopt],
  lua: /* lua */ `
    if redis.call("EXISTS", health) == 1 then return "alive" end
    expectType(active, "zset")
    if redis.call("TYPE", job).ok ~= "hash" then
      redis.call("ZREM", active, jobId)
      return "left"
    end
    if redis.call("EXISTS", lock) == 1 then return "waiting" end
    local held = redis.call("HMGET", job, "status", "worker_id")
    local adoption = "left"
    if held[1] == "ACTIVE" and held[2] == deadWorkerId then
      adoption = adopt(job, jobId, defaultQueue, defaultDlq, maxRescues, now, nowMs, eventTtl)
    elseif held[1] == "PENDING" or held[1] == "RETRYING" then
      giveHome(job, jobId, defaultQueue, now, nowMs)
    end
    redis.call("ZREM", active, jobId)
    return adoption
  `,
  reply: (raw) => raw as Adoption,
});
