import { channels, jobFields, ttlSeconds } from "@rrq/protocol/redis";
import { defineScript } from "../redis/define-script.ts";
import { checked } from "./create-job.ts";

const field = jobFields;

/** What a cancel did. */
export type CancelReply =
  /** The job has ended CANCELLED. */
  | { readonly kind: "cancelled" }
  /** Its orchestrator was asked to; it may still complete. */
  | { readonly kind: "requested" }
  /** It has ended already, or is in the hands of an orchestrator of upstream's, which knows no cancelling. */
  | { readonly kind: "refused"; readonly status: string; readonly why: "ended" | "upstream" | "malformed" }
  | { readonly kind: "unknown" }
  /** The job changed since its keys were read: read them again. */
  | { readonly kind: "changed" };

/** The fields that name keys of the script, in the order in which it expects them. */
export const CANCEL_FIELDS = [field.queue, field.uniqueKey, field.upstreamUniqueKey, field.idempotencyKey] as const;

/**
 * PENDING, RETRYING → CANCELLED at once; ACTIVE under one of our orchestrators: it is asked to. An upstream lock means that upstream is
 * between two of its commands.
 *
 * The keys are those that the hash named when it was read; what it named then is in `named`, joined by newlines. A key
 * that it does not name is given as the job's own.
 */
export const cancelJob = defineScript({
  name: "cancel-job",
  keys: ["job", "queue", "lock", "unique", "uniqueLock", "idempotency"],
  args: ["jobId", "now", "named"],
  uses: [checked],
  lua: /* lua */ `
    local held = checked(job, "HMGET", "${field.status}", "${field.closed}", "${field.fence}", "${field.workerId}",
      ${CANCEL_FIELDS.map((name) => `"${name}"`).join(", ")})
    if not held[1] and redis.call("EXISTS", job) == 0 then return {"unknown"} end
    local status = string.upper(held[1] or "")
    if held[2] and (status == "PENDING" or status == "RETRYING") then status = "COMPLETED" end
    if status == "COMPLETED" or status == "FAILED" or status == "CANCELLED" then return {"refused", status, "ended"} end
    if status ~= "PENDING" and status ~= "RETRYING" and status ~= "ACTIVE" then return {"refused", status, "malformed"} end
    if redis.call("EXISTS", lock) == 1 then return {"refused", status, "upstream"} end

    if status == "ACTIVE" then
      if not held[3] or not held[4] then return {"refused", status, "upstream"} end
      redis.call("HSET", job, "${field.cancel}", "1")
      redis.pcall("PUBLISH", "${channels.cancel("")}" .. held[4], jobId)
      return {"requested"}
    end

    local names = {}
    for at = 5, ${4 + CANCEL_FIELDS.length} do names[#names + 1] = held[at] or "" end
    if table.concat(names, "\\n") ~= named then return {"changed"} end
    local freed = {}
    for _, key in ipairs({unique, uniqueLock, idempotency}) do
      if key ~= job and redis.pcall("GET", key) == jobId then freed[#freed + 1] = key end
    end
    checked(queue, "ZREM", jobId)
    redis.call("HSET", job, "${field.status}", "CANCELLED", "${field.completionTime}", now)
    redis.call("HDEL", job, "${field.cancel}")
    redis.call("EXPIRE", job, ${ttlSeconds.ended})
    if #freed > 0 then redis.call("DEL", unpack(freed)) end
    redis.pcall("PUBLISH", "${channels.done("")}" .. jobId, "CANCELLED")
    return {"cancelled"}
  `,
  reply: readCancel,
});

function readCancel(raw: unknown): CancelReply {
  const [kind, status, why] = raw as [CancelReply["kind"], string, "ended" | "upstream" | "malformed"];
  return kind === "refused" ? { kind, status, why } : { kind };
}
