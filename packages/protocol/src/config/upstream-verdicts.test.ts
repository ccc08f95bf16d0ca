import { describe, expect, test } from "vitest";
import { RrqError } from "../errors.ts";
import { parseConfig } from "./parse-config.ts";

// What upstream 0.11.1 said of each key with each of these values: `+` loaded, `-` refused. Seen by running `rrq check`.

const VALUES = [
  ...['""', '"x"', '"5"', "5", "0", "-1", "5.0", "0.5", "-0.5", "1e300", "nan", "inf", "true", "false"],
  ...["[]", '["a"]', '[["a","b"]]', "[1]", "{}", '{a="b"}', "{a=1}", "{a={b=1}}", "[{a=1}]", "1979-05-27", "07:32:00"],
  ...["70000", "9223372036854775807", "-9223372036854775808", "9223372036854775808", '"managed"', '"external"', '"socket"'],
  ...['"localhost"', '"10.0.0.1"', '"[x"', '"a:b"', '"::1"', '"[::1]"', '" 127.0.0.2 "', '"h:1"', '["10.0.0.1"]'],
  ...["100000000000000", "99999999999"],
];

const IN_RRQ = {
  redis_dsn: "+++--------------------------+++++++++++---",
  default_queue_name: "+++--------------------------+++++++++++---",
  default_dlq_name: "+++--------------------------+++++++++++---",
  default_max_retries: "---+++-------------------+++-------------++",
  default_job_timeout_seconds: "---+---------------------+---------------++",
  default_lock_timeout_extension_seconds: "---++--------------------+---------------++",
  default_result_ttl_seconds: "---+++-------------------+++-------------++",
  default_poll_delay_seconds: "---+++++++---------------+++-------------++",
  default_unique_job_lock_ttl_seconds: "---+++-------------------+++-------------++",
  default_runner_name: "+++--------------------------+++++++++++---",
  runner_management_mode: "-----------------------------++------------",
  runners: "------------------+------------------------",
  runner_routes: "------------------++---++------------------",
  routing: "------------------++---++------------------",
  runner_connect_timeout_ms: "---+++-------------------+++-------------++",
  runner_shutdown_term_grace_seconds: "---++-++-----------------++--------------++",
  runner_enable_inflight_cancel_hints: "------------++-----------------------------",
  capture_runner_output: "------------++-----------------------------",
  worker_health_check_interval_seconds: "---+++++++---------------+++-------------++",
  worker_health_check_ttl_buffer_seconds: "---+++++++---------------+++-------------++",
  base_retry_delay_seconds: "---+++++++---------------+++-------------++",
  max_retry_delay_seconds: "---+++++++---------------+++-------------++",
  worker_shutdown_grace_period_seconds: "---+++++++---------------+++-------------++",
  expected_job_ttl: "---+++-------------------+++-------------++",
  correlation_mappings: "------------------++---++------------------",
  cron_jobs: "--------------+-+--------------------------",
  watch: "--------------++--++++-++---------------+--",
  worker_concurrency: "++++++++++++++++++++++++++++-++++++++++++++",
  unknown_x: "++++++++++++++++++++++++++++-++++++++++++++",
};

const IN_A_MANAGED_RUNNER = {
  type: "-------------------------------+-----------",
  cmd: "--------------++------------------------+--",
  pool_size: "---+------++-------------------------------",
  max_in_flight: "---+------++-------------++--------------++",
  env: "----------++------++---++------------------",
  cwd: "+++-------++-----------------+++++++++++---",
  tcp_host: "+++-------++-----------------+++++++++++---",
  tcp_port: "---+---------------------------------------",
  allowed_hosts: "----------++--++------------------------+--",
  response_timeout_seconds: "---+++++++++-------------+++-------------++",
  foo: "-------------------------------------------",
};

const IN_AN_EXTERNAL_RUNNER = {
  type: "-------------------------------+-----------",
  cmd: "----------++--++------------------------+--",
  pool_size: "---+------++-------------++--------------++",
  max_in_flight: "---+------++-------------++--------------++",
  env: "----------++------++---++------------------",
  cwd: "+++-------++-----------------+++++++++++---",
  tcp_host: "+---------++--------------------+---+++----",
  tcp_port: "---+---------------------------------------",
  allowed_hosts: "----------++--++------------------------+--",
  response_timeout_seconds: "---+++++++++-------------+++-------------++",
  foo: "-------------------------------------------",
};

const IN_A_CRON_JOB = {
  function_name: "+++--------------------------+++++++++++---",
  schedule: "+++--------------------------+++++++++++---",
  params: "------------------++++-++------------------",
  queue_name: "+++-------++-----------------+++++++++++---",
  unique: "------------++-----------------------------",
  foo: "++++++++++++++++++++++++++++-++++++++++++++",
};

const IN_WATCH = {
  path: "+++-------++-----------------+++++++++++---",
  include_patterns: "--------------++------------------------+--",
  ignore_patterns: "--------------++------------------------+--",
  no_gitignore: "----------++++-----------------------------",
  pre_restart_cmds: "--------------+-+--------------------------",
  pre_restart_cwd: "+++-------++-----------------+++++++++++---",
  pre_restart_timeout_seconds: "---+++++++++-------------+++-------------++",
  foo: "++++++++++++++++++++++++++++-++++++++++++++",
};

/** Where we are stricter than upstream: accidents of its decoder, and what could not work. */
const STRICTER: Readonly<Record<string, readonly string[]>> = {
  // Seconds that no job has (317 years): no Redis and no calendar holds what would be made of them.
  default_job_timeout_seconds: ["100000000000000", "99999999999"],
  // Upstream decodes a date as a table, an array as a table's values in their order, and no number as "not set".
  ...Object.fromEntries(["runner_routes", "routing", "correlation_mappings", "params"].map((key) => [key, ["1979-05-27", "07:32:00"]])),
  ...Object.fromEntries(
    ["pool_size", "max_in_flight", "cmd", "cwd", "tcp_host", "allowed_hosts", "queue_name", "path", "no_gitignore", "pre_restart_cwd"].map(
      (key) => [key, ["nan", "inf"]],
    ),
  ),
  env: ["nan", "inf", "1979-05-27", "07:32:00"],
  cron_jobs: ['[["a","b"]]'],
  watch: ["[]", '["a"]', '["10.0.0.1"]', "1979-05-27", "07:32:00"],
  function_name: ['""'],
};

function table(keys: Readonly<Record<string, string>>): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join("");
}

const runner = { cmd: "['x']", tcp_port: "9000", pool_size: "1" };
const cronJob = { function_name: "'f'", schedule: "'s'" };

describe.each<[table: string, verdicts: Readonly<Record<string, string>>, write: (key: string, value: string) => string]>([
  ["[rrq]", IN_RRQ, (key, value) => table({ [key]: value })],
  ["[rrq.runners.p], managed", IN_A_MANAGED_RUNNER, (key, value) => `[runners.p]\n${table({ ...runner, [key]: value })}`],
  [
    "[rrq.runners.p], external",
    IN_AN_EXTERNAL_RUNNER,
    (key, value) => `runner_management_mode = "external"\n[runners.p]\n${table({ ...runner, [key]: value })}`,
  ],
  ["[[rrq.cron_jobs]]", IN_A_CRON_JOB, (key, value) => `[[cron_jobs]]\n${table({ ...cronJob, [key]: value })}`],
  ["[rrq.watch]", IN_WATCH, (key, value) => `[watch]\n${table({ [key]: value })}`],
])("%s loads what upstream loads", (_table, verdicts, write) => {
  test.each(Object.entries(verdicts))("%s [config §2] [config §3] [design §3]", (key, verdict) => {
    const expected = VALUES.map((value, at) => `${value} ${verdict[at] === "+" && !STRICTER[key]?.includes(value) ? "+" : "-"}`);
    const ours = VALUES.map((value) => `${value} ${loads(write(key, value)) ? "+" : "-"}`);
    expect(ours).toStrictEqual(expected);
  });
});

function loads(text: string): boolean {
  try {
    parseConfig(text, { path: "rrq.toml", for: "inspect" });
    return true;
  } catch (error) {
    if (RrqError.is(error, "INVALID_CONFIG")) return false;
    throw error;
  }
}
