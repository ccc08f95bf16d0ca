import type { StandardSchemaV1 } from "@standard-schema/spec";

/** A contract of producer and handler: the name of a job, what goes in, what comes out. Made by {@link defineJob}. */
export interface JobDefinition<
  Params extends StandardSchemaV1<object> = StandardSchemaV1<object, Record<string, unknown>>,
  Result extends StandardSchemaV1 = StandardSchemaV1,
> {
  readonly name: string;
  readonly params: Params | null;
  readonly result: Result | null;
  readonly queue: string | null;
  readonly maxAttempts: number | null;
  readonly timeoutSeconds: number | null;
}

/** A job by its contract, or by its bare name. */
export type JobLike = string | JobDefinition<StandardSchemaV1<object>>;

type ParamsSchema<Job extends JobLike> = Job extends JobDefinition<infer Params, infer _> ? Params : StandardSchemaV1<object, Record<string, unknown>>;
type ResultSchema<Job extends JobLike> = Job extends JobDefinition<infer _, infer Result> ? Result : StandardSchemaV1;

/** What a producer passes as params. */
export type ParamsInput<Job extends JobLike> = StandardSchemaV1.InferInput<ParamsSchema<Job>>;
/** What the handler gets as params. */
export type ParamsOutput<Job extends JobLike> = StandardSchemaV1.InferOutput<ParamsSchema<Job>>;
/** What the handler returns. */
export type ResultInput<Job extends JobLike> = StandardSchemaV1.InferInput<ResultSchema<Job>>;
/** What a reader of the result gets. */
export type ResultOutput<Job extends JobLike> = StandardSchemaV1.InferOutput<ResultSchema<Job>>;

export interface JobOptions<Params extends StandardSchemaV1<object>, Result extends StandardSchemaV1> {
  readonly params?: Params | undefined;
  readonly result?: Result | undefined;
  readonly queue?: string | undefined;
  readonly maxAttempts?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
}

export function defineJob<
  Params extends StandardSchemaV1<object> = StandardSchemaV1<object, Record<string, unknown>>,
  Result extends StandardSchemaV1 = StandardSchemaV1,
>(name: string, options: JobOptions<Params, Result> = {}): JobDefinition<Params, Result> {
  return {
    name,
    params: options.params ?? null,
    result: options.result ?? null,
    queue: options.queue ?? null,
    maxAttempts: options.maxAttempts ?? null,
    timeoutSeconds: options.timeoutSeconds ?? null,
  };
}
