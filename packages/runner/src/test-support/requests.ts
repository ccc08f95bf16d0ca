import { randomUUID } from "node:crypto";
import { type ExecutionContext, type ExecutionRequest, JsonText } from "@rrq/protocol";

/** What a test wants to be special about a request. */
export interface RequestChange extends Partial<Omit<ExecutionContext, "jobId">> {
  readonly jobId?: string;
  readonly requestId?: string;
  readonly params?: unknown;
}

/** A request to the handler `functionName`, without a limit unless the test gives one. */
export function buildRequest(functionName: string, change: RequestChange = {}): ExecutionRequest {
  const { jobId = randomUUID(), requestId = randomUUID(), params = {}, ...context } = change;
  return {
    requestId,
    jobId,
    functionName,
    params: new JsonText(JSON.stringify(params)),
    context: {
      jobId,
      attempt: 1,
      enqueueTime: "2025-01-01T12:00:00.123456789Z",
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
