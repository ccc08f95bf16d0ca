import type { JobLike, ParamsInput, ParamsOutput, ResultInput, ResultOutput } from "./define-job.ts";
import type { JsonText } from "./json-text.ts";

/** The name of a job, by its contract or bare. */
export function jobName(job: JobLike): string {
  return typeof job === "string" ? job : job.name;
}

/** Params on their way to a handler: checked against the schema, serialised as the producer gave them. */
export async function encodeParams<Job extends JobLike>(job: Job, params: ParamsInput<Job>): Promise<JsonText> {
  throw new Error(`not written yet: ${jobName(job)} ${String(params)}`);
}

/** Params as the handler of `job` gets them. `value` is what JSON made of them. */
export async function parseParams<Job extends JobLike>(job: Job, value: unknown): Promise<ParamsOutput<Job>> {
  throw new Error(`not written yet: ${jobName(job)} ${String(value)}`);
}

/** A result on its way out of the handler: checked against the schema, serialised as the handler gave it. */
export async function encodeResult<Job extends JobLike>(job: Job, result: ResultInput<Job>): Promise<JsonText> {
  throw new Error(`not written yet: ${jobName(job)} ${String(result)}`);
}

/** A result as the readers of `job` get it. `value` is what JSON made of it. */
export async function parseResult<Job extends JobLike>(job: Job, value: unknown): Promise<ResultOutput<Job>> {
  throw new Error(`not written yet: ${jobName(job)} ${String(value)}`);
}
