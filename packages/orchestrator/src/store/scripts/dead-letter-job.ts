import { defineBatchScript } from "@rrq/producer/redis";
import { countAttempt } from "../lua/count-attempt.ts";
import { deadLetter } from "../lua/dead-letter.ts";
import { expectType } from "../lua/expect-type.ts";
import { owns } from "../lua/owns.ts";
import { readEnd } from "./read-end.ts";

/** ACTIVE → FAILED, into a dead-letter queue; the attempt counts. A worker without the lease changes nothing. */
export const deadLetterJobs = defineBatchScript({
  name: "dead-letter-job",
  keys: ["active"],
  args: ["workerId", "now"],
  each: { keys: ["job", "dlq"], args: ["jobId", "fence", "reason", "eventTtl"] },
  uses: [owns, expectType, countAttempt, deadLetter],
  lua: /* lua */ `
    if not owns(job, workerId, fence) then return "lease-lost" end
    expectType(active, "zset")
    expectType(dlq, "list")
    if eventTtl ~= "0" then expectType("rrq:events:job:" .. jobId, "stream") end
    countAttempt(job, reason, now)
    redis.call("ZREM", active, jobId)
    deadLetter(job, jobId, dlq, reason, now, eventTtl)
    return "done"
  `,
  reply: readEnd,
});
