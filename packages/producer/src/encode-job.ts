import { encodeParams, type JobLike, jsonText, type ParamsInput, RrqError } from "@rrq/protocol";
import { invalidOption } from "./option-check.ts";

/**
 * The params of a call as JSON text, written down before the caller can change them. At once where no schema has to be asked: most
 * jobs then need no turn of the event loop, and no promises. Throws, or rejects, as `encodeParams` does.
 */
export function encodeJob(job: JobLike, params: unknown = {}): string | Promise<string> {
  if (typeof job !== "string" && typeof (job as Partial<Exclude<JobLike, string>> | null)?.name !== "string") {
    throw invalidOption("job", "a name, or what defineJob() made", job);
  }
  if (typeof job !== "string" && job.params !== null) {
    return encodeParams(job, params as ParamsInput<typeof job>).then(({ text }) => text);
  }
  const { text } = jsonText(params, { what: "params" });
  if (/^\s*\{/.test(text)) return text;
  throw new RrqError("INVALID_ARGUMENT", `params of ${typeof job === "string" ? job : job.name} must be an object`);
}
