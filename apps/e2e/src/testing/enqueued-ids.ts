import type { EnqueueManyResult } from "@rrq/producer";

/** The ids of jobs that must all have been enqueued anew. */
export function enqueuedIds(results: readonly EnqueueManyResult[]): string[] {
  return results.map((result) => {
    if (result.kind === "failed") throw result.error;
    if (result.kind !== "enqueued") throw new Error(`not enqueued: ${result.kind}`);
    return result.jobId;
  });
}
