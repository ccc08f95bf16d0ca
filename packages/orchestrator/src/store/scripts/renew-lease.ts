import { defineScript } from "@rrq/producer/redis";

/** The worker's heartbeat: its lease on all its jobs, for `leaseMs` from now. `lapsed`: the key was gone, others may have adopted meanwhile. */
export const renewLease = defineScript({
  name: "renew-lease",
  keys: ["health", "workers"],
  args: ["workerId", "heartbeat", "leaseMs"],
  lua: /* lua */ `
    local lived = redis.call("EXISTS", health)
    redis.call("SET", health, heartbeat, "PX", leaseMs)
    redis.call("SADD", workers, workerId)
    return lived
  `,
  reply: (raw): "held" | "lapsed" => (raw === 1 ? "held" : "lapsed"),
});
