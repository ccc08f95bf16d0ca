import { describe, expect, test } from "vitest";
import { DEFAULTS } from "./defaults.ts";
import type { RrqSettings } from "./settings.ts";
import { parse } from "./testing/parse.ts";

describe("keys of [rrq]", () => {
  test.each<[text: string, expected: Partial<RrqSettings>]>([
    ['redis_dsn = "rediss://h/3"', { redisDsn: "rediss://h/3" }],
    ['default_queue_name = "mail"', { defaultQueueName: "rrq:queue:mail" }],
    ['default_queue_name = "rrq:queue:mail"', { defaultQueueName: "rrq:queue:mail" }],
    ['default_queue_name = " "', { defaultQueueName: "rrq:queue: " }],
    ['default_queue_name = ""', { defaultQueueName: "rrq:queue:" }],
    ['default_dlq_name = "mail"', { defaultDlqName: "mail" }],
    ["default_max_retries = -1", { defaultMaxRetries: -1 }],
    ["default_job_timeout_seconds = 1", { defaultJobTimeoutSeconds: 1 }],
    ["default_lock_timeout_extension_seconds = 0", {}],
    ["default_result_ttl_seconds = 0", { defaultResultTtlSeconds: 0 }],
    ["default_result_ttl_seconds = 9223372036854775807", { defaultResultTtlSeconds: 1e10 }],
    ["default_poll_delay_seconds = 0.05", { defaultPollDelaySeconds: 0.05 }],
    ["default_poll_delay_seconds = 1", { defaultPollDelaySeconds: 1 }],
    ["default_poll_delay_seconds = 0", { defaultPollDelaySeconds: 0.001 }],
    ["default_unique_job_lock_ttl_seconds = 60", { defaultUniqueJobLockTtlSeconds: 60 }],
    ['default_runner_name = "node"', { defaultRunnerName: "node" }],
    ['runner_management_mode = "external"', { runnerManagementMode: "external" }],
    ["runner_connect_timeout_ms = 500", { runnerConnectTimeoutMs: 500 }],
    ["runner_connect_timeout_ms = 0", { runnerConnectTimeoutMs: 15_000 }],
    ["runner_shutdown_term_grace_seconds = 0", { runnerShutdownTermGraceSeconds: 0 }],
    ["runner_enable_inflight_cancel_hints = true", { runnerEnableInflightCancelHints: true }],
    ["capture_runner_output = true", { captureRunnerOutput: true }],
    ["worker_health_check_interval_seconds = 5", {}],
    ["worker_health_check_ttl_buffer_seconds = 5.5", {}],
    ["base_retry_delay_seconds = 0.01", { baseRetryDelaySeconds: 0.01 }],
    ["max_retry_delay_seconds = 5", { maxRetryDelaySeconds: 5 }],
    ["worker_shutdown_grace_period_seconds = 0.2", { workerShutdownGracePeriodSeconds: 0.2 }],
    ["worker_shutdown_grace_period_seconds = -1", { workerShutdownGracePeriodSeconds: 0 }],
    ["expected_job_ttl = 5", {}],
    ['correlation_mappings = { tenant_id = "params.tenant.id" }', { correlationMappings: { tenant_id: "params.tenant.id" } }],
    ['runner_routes = { mail = "node" }', { runnerRoutes: new Map([["rrq:queue:mail", "node"]]) }],
    [
      'runner_routes = { "rrq:queue:mail" = "full", mail = "bare" }',
      { runnerRoutes: new Map([["rrq:queue:mail", "full"]]) },
    ],
    ['watch = { path = "src", no_gitignore = true }', { watch: { ...DEFAULTS.watch, path: "src", noGitignore: true } }],
    ["watch = { include_patterns = [], ignore_patterns = [] }", { watch: DEFAULTS.watch }],
    ['watch = { include_patterns = ["*.x"] }', { watch: { ...DEFAULTS.watch, includePatterns: ["*.x"] } }],
    ['watch = { pre_restart_cmds = [["a", "b"]] }', { watch: { ...DEFAULTS.watch, preRestartCmds: [["a", "b"]] } }],
    ['watch = { pre_restart_cwd = "x" }', { watch: { ...DEFAULTS.watch, preRestartCwd: "x" } }],
    ["watch = { pre_restart_timeout_seconds = 2.5 }", { watch: { ...DEFAULTS.watch, preRestartTimeoutSeconds: 2.5 } }],
    ["watch = { pre_restart_timeout_seconds = 0 }", { watch: { ...DEFAULTS.watch, preRestartTimeoutSeconds: null } }],
  ])("%s [config §3.1] [config §3.4]", (text, expected) => {
    expect(parse(text)).toStrictEqual({ settings: { ...DEFAULTS, ...expected }, warnings: [] });
  });

  test.each<[text: string, expected: Partial<RrqSettings>]>([
    ["lease_seconds = 5", { leaseSeconds: 5 }],
    ["max_rescues = 0", { maxRescues: 0 }],
    ["retry_jitter = 0.2", { retryJitter: 0.2 }],
    ["retry_on_timeout = true", { retryOnTimeout: true }],
    ['completion_stream = "always"', { completionStream: "always" }],
    ["event_ttl_seconds = 60", { eventTtlSeconds: 60 }],
    ["redis_unavailable_exit_seconds = 30", { redisUnavailableExitSeconds: 30 }],
    ["abort_grace_ms = 0", { abortGraceMs: 0 }],
    ["runner_pass_redis_dsn = true", { runnerPassRedisDsn: true }],
    ['tls_ca_file = "ca.pem"', { tlsCaFile: "ca.pem" }],
    ["http = { port = 9464 }", { http: { host: "127.0.0.1", port: 9464 } }],
    ['http = { host = "0.0.0.0", port = 0 }', { http: { host: "0.0.0.0", port: 0 } }],
  ])("ours: %s [design §3] [design §8]", (text, expected) => {
    expect(parse(text)).toStrictEqual({ settings: { ...DEFAULTS, ...expected }, warnings: [] });
  });

  test("the old name routing replaces runner_routes [config §2]", () => {
    const { settings, warnings } = parse('routing = { a = "x" }\nrunner_routes = { b = "y" }');
    expect(settings.runnerRoutes).toStrictEqual(new Map([["rrq:queue:a", "x"]]));
    expect(warnings).toStrictEqual(["rrq.toml:1:1: routing is now called runner_routes, and replaces it where both stand."]);
  });

  test("worker_concurrency is dropped, whatever it holds [config §2]", () => {
    expect(parse("[rrq]\nworker_concurrency = []")).toStrictEqual({
      settings: DEFAULTS,
      warnings: ["rrq.toml:2:1: rrq.worker_concurrency is ignored: a worker runs pool_size × max_in_flight jobs of each runner."],
    });
  });

  test("a route to a runner that is not there is warned about, to a worker [config §3.1]", () => {
    const text = 'runner_routes = { a = "nod" }\n[runners.node]\ncmd = ["x"]\ntcp_port = 9000';
    const warning = 'rrq.toml:1:23: runner_routes.a is "nod", which is no runner of this file. Did you mean node?';
    expect(parse(text, { for: "worker" }).warnings).toStrictEqual([warning]);
    expect(parse(text, { for: "inspect" }).warnings).toStrictEqual([]);
  });
});
