import { defineScript } from "@rrq/producer/redis";

export interface Peers {
  /** Ids in our index without a heartbeat. */
  readonly dead: readonly string[];
  /** All ids in our index, this worker's too. */
  readonly ours: readonly string[];
  /** Milliseconds until the next of the others would run out if it did not renew; `null` without others. */
  readonly nextExpiryMs: number | null;
}

/** Looks at the heartbeat of every worker in our index but this one. */
export const findDeadWorkers = defineScript({
  name: "find-dead-workers",
  keys: ["workers"],
  args: ["workerId"],
  lua: /* lua */ `
    local dead, soonest = {}, -1
    local ours = redis.call("SMEMBERS", workers)
    for _, id in ipairs(ours) do
      if id ~= workerId then
        local left = redis.call("PTTL", "rrq:health:worker:" .. id)
        if left == -2 then dead[#dead + 1] = id elseif left >= 0 and (soonest < 0 or left < soonest) then soonest = left end
      end
    end
    return {soonest, dead, ours}
  `,
  reply: (raw): Peers => {
    const [soonest, dead, ours] = raw as [number, string[], string[]];
    return { dead, ours, nextExpiryMs: soonest < 0 ? null : soonest };
  },
});
