import type { ConfigNode, ConfigTable } from "./config-node.ts";
import type { Findings } from "./findings.ts";
import type { Reader } from "./read-settings.ts";

/** What 0.9.14 took from variables, beside `redis_dsn`, and nothing has read since. */
const OLD_VARIABLES = [
  "default_queue_name",
  "default_dlq_name",
  "default_runner_name",
  "default_max_retries",
  "default_job_timeout_seconds",
  "default_result_ttl_seconds",
  "runner_connect_timeout_ms",
  "default_lock_timeout_extension_seconds",
  "default_unique_job_lock_ttl_seconds",
  "expected_job_ttl",
  "default_poll_delay_seconds",
  "worker_health_check_interval_seconds",
  "worker_health_check_ttl_buffer_seconds",
  "base_retry_delay_seconds",
  "max_retry_delay_seconds",
  "worker_shutdown_grace_period_seconds",
] as const;

/** Lays `RRQ_REDIS_DSN` and `RRQ_CAPTURE_RUNNER_OUTPUT` over the file. Variables that are empty count as not set. */
export function applyEnvironment(rrq: ConfigTable, env: NodeJS.ProcessEnv, reader: Reader, findings: Findings): void {
  const set = (variable: string, key: string, node: (place: { variable: string }, value: string) => ConfigNode): void => {
    const value = env[variable];
    if (!value) return;
    const place = { variable };
    rrq.entries.set(key, { place, node: node(place, value) });
  };
  set("RRQ_REDIS_DSN", "redis_dsn", (place, value) => ({ kind: "string", place, value }));
  set("RRQ_CAPTURE_RUNNER_OUTPUT", "capture_runner_output", (place, value) => {
    if (reader === "worker" && !/^(1|true|yes|0|false|no)$/.test(value)) {
      findings.warning(place, `${JSON.stringify(value)} counts as false. For true write 1, true or yes.`);
    }
    return { kind: "boolean", place, value: /^(1|true|yes)$/.test(value) };
  });
  for (const key of OLD_VARIABLES) {
    const variable = `RRQ_${key.toUpperCase()}`;
    if (env[variable]) findings.warning({ variable }, `the variable is not read; write ${key} into rrq.toml.`);
  }
}
