import { JsonText } from "../json-text.ts";
import type { ExecutionContext, ExecutionRequest } from "../runner.ts";

/** The smallest request there is, with changes. */
export function buildRequest(
  change: Partial<ExecutionRequest> = {},
  context: Partial<ExecutionContext> = {},
): ExecutionRequest {
  return {
    requestId: "req-1",
    jobId: "job-1",
    functionName: "echo",
    params: new JsonText("{}"),
    ...change,
    context: {
      jobId: "job-1",
      attempt: 1,
      enqueueTime: "2025-01-01T12:00:00Z",
      queueName: "rrq:queue:default",
      deadline: null,
      traceContext: null,
      correlationContext: null,
      workerId: null,
      timeoutMs: null,
      fence: null,
      ...context,
    },
  };
}
