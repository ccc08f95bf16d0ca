export { createProducer } from "./create-producer.ts";
export type {
  Enqueued,
  EnqueueOptions,
  Idempotency,
  KeyWindow,
  RateLimited,
  RateLimitedOptions,
  Uniqueness,
  UnlimitedOptions,
} from "./enqueue-options.ts";
export type { Job } from "./job-view.ts";
export type { ProducerDefaults, ProducerOptions } from "./options.ts";
export type { EnqueueArguments, EnqueueItem, EnqueueManyResult, Producer, WaitOptions, WaitResult } from "./producer.ts";
export type { DuplicateOptions, ListeningRedis, RedisLike } from "./redis/index.ts";
export type { CancelResult } from "./request-cancel.ts";
