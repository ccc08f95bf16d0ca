import { keys, MAX_TTL_SECONDS, readInteger, readParams, readStringMap } from "@rrq/protocol/redis";
import type { ActiveJob, JobDefaults } from "../core/active-job.ts";
import { CLAIMED_FIELDS, type ClaimedValues } from "./scripts/claim-jobs.ts";

const at = (name: (typeof CLAIMED_FIELDS)[number]): number => 2 + CLAIMED_FIELDS.indexOf(name);
const AT = {
  functionName: at("function_name"),
  params: at("job_params"),
  enqueueTime: at("enqueue_time"),
  retries: at("current_retries"),
  maxRetries: at("max_retries"),
  timeout: at("job_timeout_seconds"),
  resultTtl: at("result_ttl_seconds"),
  queue: at("queue_name"),
  dlq: at("dlq_name"),
  trace: at("trace_context"),
  correlation: at("correlation_context"),
  nonce: at("nonce"),
} as const;

/** A claimed job as it runs, from what the claim answered. Every field is read as leniently as upstream reads it. */
export function readClaimedJob(values: ClaimedValues, claimedFrom: string, defaults: JobDefaults): ActiveJob {
  return {
    id: values[0] ?? "",
    fence: Number(values[1]),
    functionName: values[AT.functionName] ?? "",
    params: readParams(values[AT.params]),
    enqueueTime: values[AT.enqueueTime] ?? "",
    claimedFrom,
    queue: keys.queue(values[AT.queue] ?? defaults.queue),
    retries: readInteger(values[AT.retries]) ?? 0,
    maxAttempts: readInteger(values[AT.maxRetries]) ?? defaults.maxAttempts,
    timeoutMs: (readInteger(values[AT.timeout]) ?? defaults.timeoutSeconds) * 1_000,
    resultTtlSeconds: Math.min(readInteger(values[AT.resultTtl]) ?? defaults.resultTtlSeconds, MAX_TTL_SECONDS),
    dlq: values[AT.dlq] ?? defaults.dlq,
    traceContext: readStringMap(values[AT.trace]),
    correlationContext: readStringMap(values[AT.correlation]),
    foreign: values[AT.nonce] == null,
  };
}
