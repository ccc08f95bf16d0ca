import { type ExecutionRequest, JsonText } from "@rrq/protocol";

/** One attempt of job `jobId`; its time is over after `timeoutMs`. */
export function buildRequest(jobId: string, functionName = "echo", timeoutMs: number | null = 30_000, params: unknown = {}): ExecutionRequest {
  return {
    requestId: `request-of-${jobId}`,
    jobId,
    functionName,
    params: new JsonText(JSON.stringify(params)),
    context: {
      jobId,
      attempt: 1,
      enqueueTime: "2026-01-01T00:00:00Z",
      queueName: "rrq:queue:default",
      deadline: null,
      traceContext: null,
      correlationContext: null,
      workerId: "me",
      timeoutMs,
      fence: 1,
    },
  };
}
