import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { JobLike, ParamsInput, ParamsOutput, ResultInput, ResultOutput } from "./define-job.ts";
import { RrqError } from "./errors.ts";
import { formatPath } from "./json-path.ts";
import type { JsonText } from "./json-text.ts";
import { jsonText, type JsonTextLimits } from "./to-json-text.ts";

/** The name of a job, by its contract or bare. */
export function jobName(job: JobLike): string {
  return typeof job === "string" ? job : job.name;
}

/**
 * Params on their way to a handler: as the producer gave them, after a check that the handler's schema will take them.
 * Rejects with `SCHEMA_MISMATCH`, or as {@link jsonText} throws; `INVALID_ARGUMENT` for what is no object.
 */
export async function encodeParams<Job extends JobLike>(
  job: Job,
  params: ParamsInput<Job>,
  limits?: JsonTextLimits,
): Promise<JsonText> {
  const text = jsonText(params, { what: "params", ...limits });
  if (!text.text.trimStart().startsWith("{")) {
    throw new RrqError("INVALID_ARGUMENT", `params of ${jobName(job)} must be an object`);
  }
  if (typeof job !== "string" && job.params !== null) await check(job.params, text.parse(), job.name, "params");
  return text;
}

/**
 * Params as the handler of `job` gets them; `value` is what `JSON.parse` made of them.
 * Rejects with `SCHEMA_MISMATCH`, whose `cause` is the list of issues.
 */
export async function parseParams<Job extends JobLike>(job: Job, value: unknown): Promise<ParamsOutput<Job>> {
  const output = typeof job === "string" || job.params === null ? value : await check(job.params, value, job.name, "params");
  return output as ParamsOutput<Job>;
}

/**
 * A result on its way out of the handler: as the handler gave it, after a check that the readers' schema will take it.
 * Rejects with `SCHEMA_MISMATCH`, or as {@link jsonText} throws. No result (`undefined`) becomes `null`.
 */
export async function encodeResult<Job extends JobLike>(
  job: Job,
  result: ResultInput<Job>,
  limits?: JsonTextLimits,
): Promise<JsonText> {
  const text = jsonText(result ?? null, { what: "result", ...limits });
  if (typeof job !== "string" && job.result !== null) await checkResult(job.result, text.parse(), job.name);
  return text;
}

/**
 * A result as readers get it; `value` is what `JSON.parse` made of it.
 * Rejects with `SCHEMA_MISMATCH`, whose `cause` is the list of issues.
 */
export async function parseResult<Job extends JobLike>(job: Job, value: unknown): Promise<ResultOutput<Job>> {
  const output = typeof job === "string" || job.result === null ? value : await checkResult(job.result, value, job.name);
  return output;
}

/** JSON has no `undefined`, so a handler that returns nothing leaves `null`: it stands for both. */
async function checkResult(schema: StandardSchemaV1, value: unknown, name: string): Promise<unknown> {
  try {
    return await check(schema, value, name, "result");
  } catch (mismatch) {
    if (value !== null) throw mismatch;
    return check(schema, undefined, name, "result").catch(() => {
      throw mismatch;
    });
  }
}

async function check(schema: StandardSchemaV1, value: unknown, name: string, what: string): Promise<unknown> {
  let answer: StandardSchemaV1.Result<unknown>;
  try {
    answer = await schema["~standard"].validate(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it threw";
    throw new RrqError("SCHEMA_MISMATCH", `the schema of ${what} of ${name} failed: ${reason}`, { cause });
  }
  if (answer.issues === undefined) return answer.value;
  const all = describe(answer.issues, what);
  throw new RrqError("SCHEMA_MISMATCH", `${what} of ${name} against the schema: ${all}`, { cause: answer.issues });
}

/** Issues beyond this many are only counted in messages. */
const SHOWN_ISSUES = 5;

function describe(issues: readonly StandardSchemaV1.Issue[], what: string): string {
  const shown = issues.slice(0, SHOWN_ISSUES).map((issue) => {
    const path = issue.path?.map((step) => (typeof step === "object" ? step.key : step)) ?? [];
    return `${formatPath(what, path)}: ${issue.message}`;
  });
  const more = issues.length - shown.length;
  return shown.join("; ") + (more > 0 ? `; and ${more} more` : "");
}
