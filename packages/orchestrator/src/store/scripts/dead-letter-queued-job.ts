import { defineBatchScript } from "@rrq/producer/redis";
import { countAttempt } from "../lua/count-attempt.ts";
import { deadLetter } from "../lua/dead-letter.ts";
import { expectType } from "../lua/expect-type.ts";

/** PENDING or RETRYING → FAILED, into a dead-letter queue, for a job that no runner can ever take. As upstream counts it, an attempt is spent. */
export const deadLetterQueuedJobs = defineBatchScript({
  name: "dead-letter-queued-job",
  keys: ["queue"],
  args: ["defaultDlq", "now", "eventTtl"],
  each: { keys: ["job", "lock"], args: ["jobId", "reason"] },
  uses: [expectType, countAttempt, deadLetter],
  lua: /* lua */ `
    if not redis.call("ZSCORE", queue, jobId) or redis.call("EXISTS", lock) == 1 then return "left" end
    local held = redis.call("HMGET", job, "status", "dlq_name")
    if held[1] ~= "PENDING" and held[1] ~= "RETRYING" then return "left" end
    local dlq = dlqKey(held[2] or defaultDlq)
    expectType(dlq, "list")
    if eventTtl ~= "0" then expectType("rrq:events:job:" .. jobId, "stream") end
    countAttempt(job, reason, now)
    redis.call("ZREM", queue, jobId)
    deadLetter(job, jobId, dlq, reason, now, eventTtl)
    return "dead-lettered"
  `,
  reply: (raw) => raw as "dead-lettered" | "left",
});
