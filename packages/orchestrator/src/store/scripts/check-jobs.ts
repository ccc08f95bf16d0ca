import { defineBatchScript } from "@rrq/producer/redis";
import { owns } from "../lua/owns.ts";

/** `lost`: another worker adopted it. `cancel`: ours, and somebody asked to cancel it. */
export type Holding = "held" | "lost" | "cancel";

/** Which of the jobs that run here are still ours, and which should end. Changes nothing. */
export const checkJobs = defineBatchScript({
  name: "check-jobs",
  keys: [],
  args: ["workerId"],
  each: { keys: ["job"], args: ["fence"] },
  uses: [owns],
  lua: /* lua */ `
    if not owns(job, workerId, fence) then return "lost" end
    return redis.call("HGET", job, "cancel") and "cancel" or "held"
  `,
  reply: (raw) => raw as Holding,
});
