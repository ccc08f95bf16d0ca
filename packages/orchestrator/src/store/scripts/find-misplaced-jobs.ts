import { defineBatchScript } from "@rrq/producer/redis";
import { misplaced } from "../lua/misplaced.ts";

/** Which of these unfinished jobs are in no queue and no active set. Changes nothing. */
export const findMisplacedJobs = defineBatchScript({
  name: "find-misplaced-jobs",
  keys: [],
  args: ["defaultQueue"],
  each: { keys: ["job", "lock"], args: ["jobId"] },
  uses: [misplaced],
  lua: /* lua */ `return misplaced(job, jobId, lock, defaultQueue) or "placed"`,
  reply: (raw) => raw as "placed" | "waiting" | "orphan",
});
