/** Every status of a job, as it is spelt in the hash. */
export const JOB_STATUSES = ["PENDING", "ACTIVE", "RETRYING", "COMPLETED", "FAILED", "CANCELLED"] as const;

/**
 * - `PENDING`: waits in its queue, perhaps for its time
 * - `ACTIVE`: a worker runs it
 * - `RETRYING`: waits in its queue for another attempt
 * - `COMPLETED`, `FAILED` (in a dead-letter queue), `CANCELLED`: ended
 */
export type JobStatus = (typeof JOB_STATUSES)[number];

/** The status spelt `text`, exact upper case; `null` if there is none such. */
export function readJobStatus(text: string | undefined): JobStatus | null {
  return JOB_STATUSES.find((status) => status === text) ?? null;
}

/** Whether a job of this status has ended: nothing but an operator's requeue changes it any more. */
export function isTerminal(status: JobStatus): status is "COMPLETED" | "FAILED" | "CANCELLED" {
  return status === "COMPLETED" || status === "FAILED" || status === "CANCELLED";
}
