export { RrqError, type RrqErrorCode } from "./errors.ts";
export { JsonText } from "./json-text.ts";
export { type ExecutionOutcome, isOutcome, type JobError, outcome } from "./outcome.ts";
export type { ExecutionContext, ExecutionRequest, Runner } from "./runner.ts";
