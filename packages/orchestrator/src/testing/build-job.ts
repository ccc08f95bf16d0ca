import { JsonText } from "@rrq/protocol";
import type { ActiveJob } from "../core/active-job.ts";

/** A claimed job with its first attempt of three before it. */
export function buildJob(change: Partial<ActiveJob> = {}): ActiveJob {
  return {
    id: "job",
    fence: 1,
    functionName: "work",
    params: new JsonText("{}"),
    enqueueTime: "2026-01-01T00:00:00Z",
    claimedFrom: "rrq:queue:default",
    queue: "rrq:queue:default",
    retries: 0,
    maxAttempts: 3,
    timeoutMs: 30_000,
    resultTtlSeconds: 60,
    dlq: "rrq:dlq:default",
    traceContext: null,
    correlationContext: null,
    foreign: false,
    ...change,
  };
}
