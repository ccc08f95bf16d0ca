/** Upstream's names of the ends that it announces; a cancelled job has none. */
const EVENTS = { COMPLETED: "completed", FAILED: "failed" } as const;

/** One entry of the stream `keys.events` as field, value, field, value …, in upstream's order. */
export function endEventFields(jobId: string, status: keyof typeof EVENTS): string[] {
  return ["event", EVENTS[status], "job_id", jobId, "status", status];
}
