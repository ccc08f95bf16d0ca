import { defineScript } from "@rrq/producer/redis";
import { MAX_TIMEOUT_SECONDS } from "@rrq/protocol/redis";
import { adopt } from "../lua/adopt.ts";
import { countAttempt } from "../lua/count-attempt.ts";
import { isTime } from "../lua/is-time.ts";

/** Ids that one call looks at, so that a queue of ids that cannot be claimed neither blocks Redis nor hides what is behind them. */
const LOOK_AT = 1_000;

/** How long upstream may take between the two commands of its requeue and its recovery. */
const UPSTREAM_PAUSE_MS = 60_000;

/** Fields a claim answers with, in this order, after the id and the fence. */
export const CLAIMED_FIELDS = [
  "function_name",
  "job_params",
  "enqueue_time",
  "current_retries",
  "max_retries",
  "job_timeout_seconds",
  "result_ttl_seconds",
  "queue_name",
  "dlq_name",
  "trace_context",
  "correlation_context",
  "nonce",
] as const;

/** Fields it looks at before it touches anything. */
const GUARD_FIELDS = ["status", "closed", "cancel", "fence", "worker_id", "completion_time"] as const;

const fieldList = [...CLAIMED_FIELDS, ...GUARD_FIELDS].map((name) => `"${name}"`).join(", ");
const guard = (name: (typeof GUARD_FIELDS)[number]): string =>
  `held[${CLAIMED_FIELDS.length + GUARD_FIELDS.indexOf(name) + 1}]`;
const field = (name: (typeof CLAIMED_FIELDS)[number]): string => `held[${CLAIMED_FIELDS.indexOf(name) + 1}]`;

/** `null` where the hash has no such field. */
export type ClaimedValues = readonly (string | null)[];

export type ClaimReply =
  /** Our heartbeat ran out: renew, check what runs, then claim. */
  | { readonly kind: "no-lease" }
  | {
      readonly kind: "looked";
      /** For each job its id, its fence, and the {@link CLAIMED_FIELDS}. */
      readonly jobs: readonly ClaimedValues[];
      /** Where the next call goes on; 0 after the end of what is due. */
      readonly next: number;
      /** Whether everything due was looked at. */
      readonly exhausted: boolean;
      /** Epoch milliseconds of the first job that is not due yet; `null` if there is none, or not everything due was looked at. */
      readonly nextDue: number | null;
      /** Whether a job was left for want of a slot of its runner. */
      readonly saturated: boolean;
      /** Ids left because no runner here serves them, and the runner each needs. */
      readonly unservable: readonly (readonly [id: string, runner: string])[];
      /** Ids left because Redis refused something, and its text. */
      readonly refused: readonly (readonly [id: string, text: string])[];
    };

/**
 * PENDING or RETRYING → ACTIVE, for up to `max` due jobs of one queue whose runner has a slot. Each is looked at before anything is
 * written: what cannot be run is quarantined or left, and never stops the claim of the others. `slots` is a JSON object runner → free slots.
 */
export const claimJobs = defineScript({
  name: "claim-jobs",
  keys: ["queue", "active", "health"],
  args: [
    "workerId",
    "now",
    "nowMs",
    "startSeconds",
    "max",
    "from",
    "slots",
    "queueRunner",
    "defaultQueue",
    "defaultDlq",
    "maxRescues",
    "eventTtl",
  ],
  uses: [adopt, countAttempt, isTime],
  lua: /* lua */ `
    if redis.call("EXISTS", health) == 0 then return {"no-lease"} end
    expectType(queue, "zset")
    expectType(active, "zset")
    local free = cjson.decode(slots)
    local jobs, gone, starts, unservable, refused = {}, {}, {}, {}, {}
    local saturated, left = 0, 0

    local function quarantine(job, jobId, dlqName, reason, costsAttempt)
      local dlq = dlqKey(dlqName and dlqName ~= "" and dlqName or defaultDlq)
      expectType(dlq, "list")
      if eventTtl ~= "0" then expectType("rrq:events:job:" .. jobId, "stream") end
      if costsAttempt then countAttempt(job, reason, now) end
      deadLetter(job, jobId, dlq, reason, now, eventTtl)
      return "gone"
    end

    local function claimOne(jobId)
      local job = "rrq:job:" .. jobId
      local held = redis.pcall("HMGET", job, ${fieldList})
      if held.err then return "gone" end
      local status = ${guard("status")}
      if not status and redis.call("EXISTS", job) == 0 then return "gone" end
      if redis.call("EXISTS", "rrq:lock:job:" .. jobId) == 1 then return "left" end
      if status == "COMPLETED" or status == "CANCELLED" then return "gone" end
      if status == "FAILED" or status == "ACTIVE" then
        if tonumber(redis.call("ZSCORE", queue, jobId)) > nowMs - ${UPSTREAM_PAUSE_MS} then return "left" end
        if status == "ACTIVE" then
          local owner = ${guard("worker_id")}
          if owner and redis.call("EXISTS", "rrq:health:worker:" .. owner) == 1 then return "gone" end
          return adopt(job, jobId, defaultQueue, defaultDlq, maxRescues, now, nowMs, eventTtl) == "queued" and "left" or "gone"
        end
      elseif ${guard("closed")} and (status == "PENDING" or status == "RETRYING") then
        redis.call("HSET", job, "status", "COMPLETED")
        return "gone"
      elseif ${guard("cancel")} and (status == "PENDING" or status == "RETRYING") then
        endCancelled(job, jobId, now)
        return "gone"
      elseif status ~= "PENDING" and status ~= "RETRYING" then
        return quarantine(job, jobId, ${field("dlq_name")}, "Failed to parse claimed job definition: unknown status. Moved to DLQ.")
      end

      if not isTime(${field("enqueue_time")}) then
        return quarantine(job, jobId, ${field("dlq_name")}, "Failed to parse claimed job definition: no valid enqueue_time. Moved to DLQ.")
      end
      local timeout = tonumber(${field("job_timeout_seconds")} or "")
      if timeout and (timeout <= 0 or timeout > ${MAX_TIMEOUT_SECONDS} or timeout ~= math.floor(timeout)) then
        return quarantine(job, jobId, ${field("dlq_name")}, "Invalid job timeout: " .. ${field("job_timeout_seconds")} .. ". Must be positive.", true)
      end

      local runner = string.match(${field("function_name")} or "", "^([^#]+)#.") or queueRunner
      if not free[runner] then
        unservable[#unservable + 1] = {jobId, runner}
        return "left"
      end
      if free[runner] <= 0 then
        saturated = 1
        return "left"
      end
      local fence = string.format("%.0f", math.max((tonumber(${guard("fence")}) or 0) + 1, nowMs))
      redis.call("HSET", job, "status", "ACTIVE", "start_time", now, "worker_id", workerId, "fence", fence)
      -- Requeued by upstream out of a dead-letter queue: it would expire while it waits or runs.
      if ${guard("completion_time")} then redis.call("PERSIST", job) end
      free[runner] = free[runner] - 1
      starts[#starts + 1] = startSeconds
      starts[#starts + 1] = jobId
      local claimed = {jobId, fence}
      for at = 1, ${CLAIMED_FIELDS.length} do claimed[at + 2] = held[at] end
      jobs[#jobs + 1] = claimed
      return "gone"
    end

    max, from = tonumber(max), tonumber(from)
    nowMs = tonumber(nowMs)
    local exhausted = 0
    local looked = 0
    while #jobs < max and looked < ${LOOK_AT} and #refused < 10 do
      local limit = math.min(max - #jobs + 8, ${LOOK_AT} - looked)
      local page = redis.call("ZRANGEBYSCORE", queue, "-inf", nowMs, "LIMIT", from + looked, limit)
      local seen = 0
      for _, jobId in ipairs(page) do
        if #jobs >= max then break end
        seen = seen + 1
        local ok, what = pcall(claimOne, jobId)
        if not ok then
          refused[#refused + 1] = {jobId, type(what) == "table" and what.err or tostring(what)}
          what = "left"
        end
        if what == "gone" then gone[#gone + 1] = jobId else left = left + 1 end
      end
      looked = looked + seen
      if seen == #page and #page < limit then
        exhausted = 1
        break
      end
    end
    if #gone > 0 then redis.call("ZREM", queue, unpack(gone)) end
    if #starts > 0 then redis.call("ZADD", active, unpack(starts)) end
    local due = false
    if exhausted == 1 then
      due = redis.call("ZRANGEBYSCORE", queue, "(" .. nowMs, "+inf", "WITHSCORES", "LIMIT", 0, 1)[2] or false
    end
    return {"looked", jobs, exhausted == 1 and 0 or from + left, exhausted, due, saturated, unservable, refused}
  `,
  reply: readClaim,
});

function readClaim(raw: unknown): ClaimReply {
  const reply = raw as [
    kind: string,
    jobs: (string | null)[][],
    next: number,
    exhausted: number,
    due: string | null,
    saturated: number,
    unservable: [string, string][],
    refused: [string, string][],
  ];
  if (reply[0] === "no-lease") return { kind: "no-lease" };
  const [, jobs, next, exhausted, due, saturated, unservable, refused] = reply;
  return {
    kind: "looked",
    jobs,
    next,
    exhausted: exhausted === 1,
    nextDue: due === null ? null : Number(due),
    saturated: saturated === 1,
    unservable,
    refused,
  };
}
