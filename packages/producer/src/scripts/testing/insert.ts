import { RrqError } from "@rrq/protocol";
import type { EnqueueOptions } from "../../enqueue-options.ts";
import { buildJob, type JobRequest } from "../../new-job.ts";
import type { RedisLike } from "../../redis/index.ts";
import type { EnqueueReply } from "../enqueue-reply.ts";

let calls = 0;

/** One call of the script that these options choose. The same `nonce` again is the same call again. */
export async function insert(
  redis: RedisLike,
  options: EnqueueOptions = {},
  change: Partial<JobRequest> = {},
): Promise<EnqueueReply> {
  const { insertion, shared, values } = buildJob({
    functionName: "work",
    params: "{}",
    options,
    defaults: { queue: "default", maxAttempts: 5, timeoutSeconds: 300, resultTtlSeconds: 86_400, idempotencyTtlSeconds: 21_600 },
    correlationMappings: {},
    trace: null,
    now: Date.UTC(2025, 0, 1, 12),
    nonce: `call-${calls++}`,
    ...change,
  });
  const [reply] = await insertion.run(redis, shared, [values]);
  if (reply === undefined || RrqError.is(reply)) throw reply ?? new Error("no reply");
  return reply;
}
