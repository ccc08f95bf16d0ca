import { defineBatchScript } from "@rrq/producer/redis";
import { adopt } from "../lua/adopt.ts";
import { misplaced } from "../lua/misplaced.ts";
import type { Adoption } from "./adopt-job.ts";

/** An unfinished job in no place, looked at again: one that waits gets its home, one of a dead owner is adopted. */
export const placeJobs = defineBatchScript({
  name: "place-job",
  keys: [],
  args: ["defaultQueue", "defaultDlq", "maxRescues", "now", "nowMs", "eventTtl"],
  each: { keys: ["job", "lock"], args: ["jobId"] },
  uses: [misplaced, adopt],
  lua: /* lua */ `
    local how = misplaced(job, jobId, lock, defaultQueue)
    if how == "waiting" then return giveHome(job, jobId, defaultQueue, now, nowMs) end
    if how == "orphan" then return adopt(job, jobId, defaultQueue, defaultDlq, maxRescues, now, nowMs, eventTtl) end
    return "left"
  `,
  reply: (raw) => raw as Adoption,
});
