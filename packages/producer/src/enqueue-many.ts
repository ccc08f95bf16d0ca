import { type JobLike, RrqError } from "@rrq/protocol";
import { encodeJob } from "./encode-job.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import { toResult } from "./enqueue-result.ts";
import type { NewJob } from "./new-job.ts";
import type { Outbox } from "./outbox.ts";
import type { EnqueueManyResult } from "./producer.ts";

/** An item of any contract; `EnqueueItem` tells callers which params it takes. */
export interface AnyItem {
  readonly job: JobLike;
  readonly params?: unknown;
  readonly options?: EnqueueOptions | undefined;
}

export interface EnqueueManyOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Prepares the jobs in order, as fast as the outbox takes them, so that no more than a few calls' worth are held twice.
 * Whatever is wrong with one of them is its result.
 */
export async function enqueueMany(
  items: readonly AnyItem[],
  { signal }: EnqueueManyOptions,
  outbox: Outbox,
  prepare: (job: JobLike, params: string, options: EnqueueOptions) => NewJob,
): Promise<EnqueueManyResult[]> {
  const results = new Array<EnqueueManyResult>(items.length);
  let lost: RrqError | undefined;
  let pending = 0;
  let finish = (): void => undefined;
  for (const [index, item] of items.entries()) {
    let jobId: string | null = null;
    try {
      const options = item.options ?? {};
      jobId = options.id ?? null;
      checkSignal(signal);
      checkSignal(options.signal);
      if (lost !== undefined) throw lost;
      const encoded = encodeJob(item.job, item.params);
      const job = prepare(item.job, typeof encoded === "string" ? encoded : await encoded, options);
      jobId = job.id;
      pending += 1;
      outbox.put(job, (reply) => {
        const result = toResult(job, reply);
        results[index] = RrqError.is(result) ? { kind: "failed", jobId: job.id, error: result } : result;
        if (RrqError.is(reply, "REDIS_UNAVAILABLE")) lost = reply;
        pending -= 1;
        if (pending === 0) finish();
      });
      const room = outbox.room();
      if (room !== undefined) await room;
    } catch (error) {
      results[index] = { kind: "failed", jobId, error: asRrqError(error) };
    }
  }
  if (pending > 0) await new Promise<void>((resolve) => (finish = resolve));
  return results;
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new RrqError("ABORTED", "the job was not sent", { cause: signal.reason });
}

/** Whatever a caller in JavaScript hands over. */
function asRrqError(error: unknown): RrqError {
  return RrqError.is(error) ? error : new RrqError("INVALID_ARGUMENT", `this item cannot be read: ${String(error)}`, { cause: error });
}
