import { defineScript } from "@rrq/producer/redis";
import { enterQueue } from "../lua/enter-queue.ts";
import { expectType } from "../lua/expect-type.ts";

/** `taken`: another worker of the fleet saw to this slot. `busy`: the last job of a unique entry is not finished, so none was made. */
export type CronFiring = "fired" | "taken" | "busy";

/** A job for one slot of a cron entry, once in the whole fleet. `fields` is a JSON list of field, value, field, value …; an empty `uniqueKey` means none. */
export const fireCronJob = defineScript({
  name: "fire-cron-job",
  keys: ["slot", "last", "job", "queue", "holder"],
  args: ["workerId", "slotTtl", "slotAt", "lastTtl", "jobId", "fields", "runAt", "uniqueKey"],
  uses: [expectType, enterQueue],
  lua: /* lua */ `
    expectType(queue, "zset")
    expectType(holder, "string")
    if not redis.call("SET", slot, workerId, "NX", "EX", slotTtl) then return "taken" end
    redis.call("SET", last, slotAt, "EX", lastTtl)
    if uniqueKey ~= "" then
      local named = redis.call("GET", holder)
      if named then
        local held = redis.pcall("HMGET", "rrq:job:" .. named, "status", "closed")
        local status = not held.err and not held[2] and held[1]
        if status == "PENDING" or status == "ACTIVE" or status == "RETRYING" then return "busy" end
      end
      redis.call("SET", holder, jobId)
    end
    redis.call("HSET", job, unpack(cjson.decode(fields)))
    enterQueue(queue, jobId, runAt)
    return "fired"
  `,
  reply: (raw) => raw as CronFiring,
});
