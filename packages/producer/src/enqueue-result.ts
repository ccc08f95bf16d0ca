import { RrqError } from "@rrq/protocol";
import type { Enqueued, RateLimited } from "./enqueue-options.ts";
import type { NewJob } from "./new-job.ts";
import type { EnqueueReply } from "./scripts/enqueue-reply.ts";

/** What callers hear: the expected as a value, the rest as an error. */
export function toResult(job: NewJob, reply: EnqueueReply | RrqError): Enqueued | RateLimited | RrqError {
  if (RrqError.is(reply)) return withId(job, reply);
  switch (reply.kind) {
    case "enqueued":
      return { kind: "enqueued", jobId: job.id };
    case "same-id":
      return { kind: "duplicate", jobId: job.id };
    case "held":
      return { kind: "duplicate", jobId: reply.by };
    case "debounced":
      return { kind: "debounced", jobId: reply.into };
    case "rate-limited":
      return { kind: "rate-limited" };
    case "other-job":
      return new RrqError("JOB_ID_TAKEN", `id ${job.id} belongs to a job of another function; nothing was enqueued`);
    case "elsewhere":
      throw new Error("the outbox follows a job that moved");
  }
}

/** So that whoever reads the error can look whether it is there, or send it again. */
function withId(job: NewJob, error: RrqError): RrqError {
  if (error.code !== "REDIS_UNAVAILABLE") return error;
  const advice = `job ${job.id} may have been enqueued all the same; with this id it can safely be enqueued again`;
  return new RrqError(error.code, `${error.message}; ${advice}`, { cause: error });
}
