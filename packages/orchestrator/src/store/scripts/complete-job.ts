import { defineBatchScript } from "@rrq/producer/redis";
import { announceEnd } from "../lua/announce-end.ts";
import { expectType } from "../lua/expect-type.ts";
import { freeUniqueKeys } from "../lua/free-unique-keys.ts";
import { owns } from "../lua/owns.ts";
import { readEnd } from "./read-end.ts";

/** ACTIVE → COMPLETED. `closed` lets a claim undo what a late command of upstream's does to the status. A worker without the lease changes nothing. */
export const completeJobs = defineBatchScript({
  name: "complete-job",
  keys: ["active"],
  args: ["workerId", "now"],
  each: { keys: ["job"], args: ["jobId", "fence", "result", "resultTtl", "eventTtl"] },
  uses: [owns, expectType, freeUniqueKeys, announceEnd],
  lua: /* lua */ `
    if not owns(job, workerId, fence) then return "lease-lost" end
    expectType(active, "zset")
    if eventTtl ~= "0" then expectType("rrq:events:job:" .. jobId, "stream") end
    redis.call("HSET", job, "status", "COMPLETED", "result", result, "completion_time", now, "closed", "1")
    local ttl = tonumber(resultTtl)
    if ttl > 0 then redis.call("EXPIRE", job, resultTtl) elseif ttl == 0 then redis.call("PERSIST", job) end
    redis.call("ZREM", active, jobId)
    freeUniqueKeys(job, jobId)
    writeEvent(jobId, "completed", "COMPLETED", eventTtl)
    announceEnd(jobId, "COMPLETED")
    return "done"
  `,
  reply: readEnd,
});
