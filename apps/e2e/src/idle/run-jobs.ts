import { setTimeout as sleep } from "node:timers/promises";
import type { Producer } from "@rrq/producer";
import { enqueuedIds } from "../testing/enqueued-ids.ts";

/** Jobs that are waiting or running at a time. */
const AT_ONCE = 500;
const WAIT_SECONDS = 60;

/** Lets so many jobs of `add` run to their end, spread over `overMs`. Throws unless all of them complete. */
export async function runJobs(producer: Producer, jobs: number, overMs = 0): Promise<void> {
  const start = performance.now();
  for (let done = 0; done < jobs; ) {
    const count = Math.min(AT_ONCE, jobs - done);
    const items = Array.from({ length: count }, (_, n) => ({ job: "add", params: { a: done + n, b: 1 } }));
    const ids = enqueuedIds(await producer.enqueueMany(items));
    const ends = await Promise.all(ids.map((id) => producer.waitForJob(id, { timeoutSeconds: WAIT_SECONDS })));
    const other = ends.find((end) => end.kind !== "finished" || end.job.status !== "COMPLETED");
    if (other !== undefined) throw new Error(`a job did not complete: ${JSON.stringify(other)}`);
    done += count;
    const aheadMs = (overMs * done) / jobs - (performance.now() - start);
    if (aheadMs > 0) await sleep(aheadMs);
  }
}
