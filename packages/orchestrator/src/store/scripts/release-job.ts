import { defineBatchScript } from "@rrq/producer/redis";
import { expectType } from "../lua/expect-type.ts";
import { owns } from "../lua/owns.ts";
import { release } from "../lua/release.ts";
import { readEnd } from "./read-end.ts";

/** ACTIVE → PENDING: we interrupted it, so the attempt does not count. With `cancel` it ends as CANCELLED. A worker without the lease changes nothing. */
export const releaseJobs = defineBatchScript({
  name: "release-job",
  keys: ["active"],
  args: ["workerId", "now", "nowMs"],
  each: { keys: ["job", "queue"], args: ["jobId", "fence", "reason"] },
  uses: [owns, expectType, release],
  lua: /* lua */ `
    if not owns(job, workerId, fence) then return "lease-lost" end
    expectType(active, "zset")
    expectType(queue, "zset")
    redis.call("ZREM", active, jobId)
    release(job, jobId, queue, reason, now, nowMs)
    return "done"
  `,
  reply: readEnd,
});
