import type { StandardSchemaV1 } from "@standard-schema/spec";
import { RrqError } from "./errors.ts";

/** Params of a job that says nothing of them: any object goes in, its JSON comes out. */
type AnyParams = StandardSchemaV1<object, Record<string, unknown>>;

/**
 * The contract of a job: its name, what goes in, what comes out. Producers, runners and readers share one value of it,
 * made by {@link defineJob}. Everything that takes one takes a bare name too ({@link JobLike}).
 */
export interface JobDefinition<
  Params extends StandardSchemaV1<object> = AnyParams,
  Result extends StandardSchemaV1 = StandardSchemaV1,
> {
  readonly name: string;
  readonly params: Params | null;
  readonly result: Result | null;
  /** Where a producer puts it, unless its call says otherwise: a bare name or a full key. `null`: the default queue. */
  readonly queue: string | null;
  /** Attempts in all, unless the call says otherwise. `null`: the default. */
  readonly maxAttempts: number | null;
  /** Seconds that one attempt may take, unless the call says otherwise. `null`: the default. */
  readonly timeoutSeconds: number | null;
}

/** A job by its contract, or by its bare name: then its params are any object, its result is `unknown`. */
export type JobLike = string | JobDefinition<StandardSchemaV1<object>>;

type ParamsSchema<Job extends JobLike> = Job extends JobDefinition<infer Params> ? Params : AnyParams;
type ResultSchema<Job extends JobLike> =
  Job extends JobDefinition<StandardSchemaV1<object>, infer Result> ? Result : StandardSchemaV1;

/** What a producer passes as params of `Job`. */
export type ParamsInput<Job extends JobLike> = StandardSchemaV1.InferInput<ParamsSchema<Job>>;

/** What the handler of `Job` gets as params. */
export type ParamsOutput<Job extends JobLike> = StandardSchemaV1.InferOutput<ParamsSchema<Job>>;

/** What the handler of `Job` returns. */
export type ResultInput<Job extends JobLike> = StandardSchemaV1.InferInput<ResultSchema<Job>>;

/** What readers of the result of `Job` get. */
export type ResultOutput<Job extends JobLike> = StandardSchemaV1.InferOutput<ResultSchema<Job>>;

export interface JobOptions<Params extends StandardSchemaV1<object>, Result extends StandardSchemaV1> {
  /** Anything that speaks Standard Schema: zod, valibot, arktype … It may be asynchronous. */
  readonly params?: Params | undefined;
  /** Of what the handler returns. */
  readonly result?: Result | undefined;
  /** A bare name or a full key. @default the producer's default queue */
  readonly queue?: string | undefined;
  /** Attempts in all, from 1. @default the producer's default */
  readonly maxAttempts?: number | undefined;
  /** Whole seconds that one attempt may take, from 1. @default the producer's default */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * Makes the contract of a job.
 *
 * What travels is what goes *into* a schema, as JSON: producer and handler may each apply its defaults and transformations
 * once. So the schema must take what JSON makes of its own input: `z.coerce.date()` or `z.iso.datetime()`, not `z.date()`.
 *
 * Throws `INVALID_ARGUMENT`.
 */
export function defineJob<
  Params extends StandardSchemaV1<object> = AnyParams,
  Result extends StandardSchemaV1 = StandardSchemaV1,
>(name: string, options: JobOptions<Params, Result> = {}): JobDefinition<Params, Result> {
  if (name === "") throw new RrqError("INVALID_ARGUMENT", "a job needs a name");
  const { params = null, result = null, queue = null, maxAttempts = null, timeoutSeconds = null } = options;
  if (queue === "") throw new RrqError("INVALID_ARGUMENT", `queue of job ${name} must not be empty`);
  checkSchema(params, `params of job ${name}`);
  checkSchema(result, `result of job ${name}`);
  checkCount(maxAttempts, `maxAttempts of job ${name}`);
  checkCount(timeoutSeconds, `timeoutSeconds of job ${name}`);
  return Object.freeze({ name, params, result, queue, maxAttempts, timeoutSeconds });
}

function checkSchema(schema: StandardSchemaV1 | null, what: string): void {
  // The type may be a hope of a caller in JavaScript.
  if (schema === null || typeof (schema as Partial<StandardSchemaV1>)["~standard"]?.validate === "function") return;
  throw new RrqError("INVALID_ARGUMENT", `${what} must be a Standard Schema, such as one of zod, valibot or arktype`);
}

function checkCount(count: number | null, what: string): void {
  if (count === null || (Number.isSafeInteger(count) && count >= 1)) return;
  throw new RrqError("INVALID_ARGUMENT", `${what} must be a whole number from 1, not ${count}`);
}
