import { z } from "zod";
import { MAX_TIMEOUT_SECONDS } from "../redis/job-defect.ts";
import { MAX_TTL_SECONDS } from "../redis/job-record.ts";

// What each key of rrq.toml takes. Integers arrive as `bigint`, floats as `number`; each schema's description ends the
// sentence "it takes …". Checks that look at two keys stand where the tables are read.

const text = z.string().describe("a string");
const name = z.string().refine((value) => value.trim() !== "").describe("a string that is not empty");
const flag = z.boolean().describe("true or false");
const texts = z.array(z.string()).describe("an array of strings");
const stringTable = z.record(z.string(), z.string()).describe("a table of strings");

function whole(what: string, least: bigint, most?: bigint) {
  const bound = z.bigint().gte(least);
  if (most === undefined) return bound.transform(Number).describe(`${what} of at least ${least}`);
  return bound.lte(most).transform(Number).describe(`${what} from ${least} to ${most}`);
}

/** Any integer of TOML: upstream does not check these. */
const integer = z.bigint().transform(Number).describe("a whole number");
/** Any number but `nan` and `inf`: upstream does not check these. */
const number = z.union([z.bigint(), z.number()]).transform(Number).describe("a number");

/** Seconds that something may take: `null`, as `inf`, `nan`, 0 and less, is without end. */
const limit = z
  .custom<number | bigint>((value) => typeof value === "number" || typeof value === "bigint")
  .transform((value) => (value > 0 && value !== Infinity ? Number(value) : null))
  .describe("a number of seconds");

function between(what: string, least: number, most: number) {
  return number.pipe(z.number().gte(least).lte(most)).describe(`${what} from ${least} to ${most}`);
}

/** What stands in `[rrq]` itself. */
export const rrqShape = {
  redis_dsn: text,
  default_queue_name: text,
  default_dlq_name: text,
  default_max_retries: integer,
  default_job_timeout_seconds: whole("a whole number of seconds", 1n, BigInt(MAX_TIMEOUT_SECONDS)),
  default_result_ttl_seconds: integer.transform((seconds) => Math.min(seconds, MAX_TTL_SECONDS)).describe("a whole number of seconds"),
  default_poll_delay_seconds: number.describe("a number of seconds"),
  default_unique_job_lock_ttl_seconds: integer.describe("a whole number of seconds"),
  default_runner_name: text,
  runner_management_mode: z.enum(["managed", "external"]).describe('"managed" or "external"'),
  runner_connect_timeout_ms: integer.describe("a whole number of milliseconds"),
  runner_shutdown_term_grace_seconds: number
    .pipe(z.number().gte(0).lt(2 ** 64))
    .describe("a number of seconds, 0 or more, that 64 bits hold"),
  runner_enable_inflight_cancel_hints: flag,
  capture_runner_output: flag,
  base_retry_delay_seconds: number.describe("a number of seconds"),
  max_retry_delay_seconds: number.describe("a number of seconds"),
  worker_shutdown_grace_period_seconds: number.describe("a number of seconds"),
  correlation_mappings: stringTable.describe("a table from attributes to paths in the params"),

  // Ours.
  lease_seconds: between("a number of seconds", 0.1, 3600),
  max_rescues: whole("a whole number", 0n),
  retry_jitter: between("a share", 0, 1),
  retry_on_timeout: flag,
  completion_stream: z.enum(["auto", "always", "never"]).describe('"auto", "always" or "never"'),
  event_ttl_seconds: whole("a whole number of seconds", 1n, BigInt(MAX_TTL_SECONDS)),
  redis_unavailable_exit_seconds: between("a number of seconds", 0.001, MAX_TIMEOUT_SECONDS),
  abort_grace_ms: whole("a whole number of milliseconds", 0n),
  runner_pass_redis_dsn: flag,
  tls_ca_file: name.describe("the path of a file"),
};

/** Keys of upstream's in `[rrq]` that are checked, and mean nothing to us: `lease_seconds` stands for the first three. */
export const unusedShape = {
  worker_health_check_interval_seconds: number.describe("a number of seconds"),
  worker_health_check_ttl_buffer_seconds: number.describe("a number of seconds"),
  // Upstream adds it to a timeout, in milliseconds of 64 bits.
  default_lock_timeout_extension_seconds: whole("a whole number of seconds", 0n, 9_000_000_000_000_000n),
  expected_job_ttl: integer.describe("a whole number of seconds"),
};

/** `[rrq.runner_routes]`. */
export const routesSchema = stringTable.describe("a table from queues to names of runners");

/** `[rrq.runners.<name>]`. */
export const runnerShape = {
  type: z.enum(["socket"]).describe('"socket"'),
  cmd: texts.describe('an array of strings, such as ["node", "runner.js"]'),
  pool_size: whole("a whole number of processes", 1n),
  max_in_flight: whole("a whole number of requests", 1n),
  env: stringTable,
  cwd: text,
  tcp_host: text,
  tcp_port: whole("a port", 1n, 65_535n),
  allowed_hosts: texts,
  response_timeout_seconds: limit,
};

/** `[[rrq.cron_jobs]]`, but for `params`. */
export const cronJobShape = {
  function_name: name.describe('the name of a handler, or "runner#handler"'),
  schedule: text.describe('a schedule with seconds, such as "0 0 3 * * *"'),
  queue_name: text,
  unique: flag,

  // Ours.
  name,
  timezone: z.string().refine(isTimezone).describe('the IANA name of a time zone, such as "Europe/Berlin"'),
  misfire: z.enum(["skip", "once"]).describe('"skip" or "once"'),
};

/** `[rrq.watch]`. */
export const watchShape = {
  path: text,
  include_patterns: texts.describe("an array of globs"),
  ignore_patterns: texts.describe("an array of globs"),
  no_gitignore: flag,
  pre_restart_cmds: z.array(z.array(z.string())).describe('an array of commands, such as [["npm", "run", "build"]]'),
  pre_restart_cwd: text,
  pre_restart_timeout_seconds: limit,
};

/** `[rrq.http]`, ours. */
export const httpShape = {
  host: name.describe("a host name or address"),
  port: whole("a port", 0n, 65_535n),
};

function isTimezone(timeZone: string): boolean {
  // An offset is no zone; some versions of Node.js take one.
  if (/^[+-]/.test(timeZone)) return false;
  try {
    Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}
