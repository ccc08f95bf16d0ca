export {
  defineJob,
  type JobDefinition,
  type JobLike,
  type JobOptions,
  type ParamsInput,
  type ParamsOutput,
  type ResultInput,
  type ResultOutput,
} from "./define-job.ts";
export { RrqError, type RrqErrorCode } from "./errors.ts";
export { encodeParams, encodeResult, jobName, parseParams, parseResult } from "./job-values.ts";
export { JsonText } from "./json-text.ts";
export { MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from "./limits.ts";
export { type ExecutionOutcome, isOutcome, type JobError, outcome } from "./outcome.ts";
export type { ExecutionContext, ExecutionRequest, Runner } from "./runner.ts";
export { jsonText, type JsonTextLimits } from "./to-json-text.ts";
