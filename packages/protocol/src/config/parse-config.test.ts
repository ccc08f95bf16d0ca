import { describe, expect, test } from "vitest";
import { DEFAULTS } from "./defaults.ts";
import { errorOf, parse, settingsOf } from "./testing/parse.ts";

describe("which table is read", () => {
  test.each<[what: string, text: string]>([
    ["an empty file", ""],
    ["a file of comments", "# nothing\n"],
    ["an empty [rrq]", "[rrq]"],
    ["other tools' tables beside [rrq]", "name = 1\n[rrq]\n[tool.x]\ny = 2"],
  ])("%s means every default, without a warning [config §2] [config §3.1]", (_what, text) => {
    expect(parse(text)).toStrictEqual({ settings: DEFAULTS, warnings: [] });
  });

  test("without [rrq] the whole file is it [config §2]", () => {
    expect(settingsOf("default_max_retries = 7").defaultMaxRetries).toBe(7);
    expect(settingsOf("rrq = { default_max_retries = 7 }").defaultMaxRetries).toBe(7);
  });

  test("with [rrq] the rest is ignored; what was probably meant is told [config §2] [trap 48]", () => {
    const { settings, warnings } = parse("default_max_retries = 7\n[rrq]\n[runners.p]\n");
    expect(settings).toStrictEqual(DEFAULTS);
    expect(warnings).toStrictEqual([
      "rrq.toml:1:1: default_max_retries is ignored outside of [rrq]. Did you mean rrq.default_max_retries?",
      "rrq.toml:3:2: runners is ignored outside of [rrq]. Did you mean rrq.runners?",
    ]);
  });

  test.each(["rrq = 5", "rrq = []", "[[rrq]]", 'rrq = "x"'])("%s is no table [config §2]", (text) => {
    expect(errorOf(text)).toMatch(/^rrq\.toml:1:\d: rrq is .*; it takes a table\. Write \[rrq\]\.$/);
  });
});

describe("a producer needs no valid runner section", () => {
  test.each([
    "[runners.p]\nfoo = 1",
    "runners = 5",
    'runner_management_mode = "x"',
    "runner_routes = 5",
    "routing = 5",
    "default_runner_name = 5",
    "capture_runner_output = 5",
    "runner_shutdown_term_grace_seconds = -1",
    "worker_concurrency = 4",
  ])("%j [producer §2] [design §3]", (text) => {
    expect(parse(text, { for: "producer" })).toStrictEqual({ settings: DEFAULTS, warnings: [] });
  });

  test("what a producer reads is checked [producer §2]", () => {
    expect(errorOf("default_job_timeout_seconds = 0", { for: "producer" })).toMatch(/default_job_timeout_seconds is 0/);
  });
});

test("the full example loads, without a warning [config §8]", () => {
  const text = `
    [rrq]
    redis_dsn = "redis://localhost:6379/0"
    default_queue_name = "default"
    default_runner_name = "python"
    default_max_retries = 5
    default_job_timeout_seconds = 300
    default_result_ttl_seconds = 86400
    runner_shutdown_term_grace_seconds = 5
    capture_runner_output = false

    [rrq.runners.python]
    type = "socket"
    cmd = ["rrq-runner", "--settings", "myapp.runner.settings"]
    tcp_port = 9000
    pool_size = 4
    max_in_flight = 10
    env = { APP_ENV = "prod" }

    [rrq.runners.node]
    cmd = ["node", "dist/runner.js"]
    tcp_port = 9100
    pool_size = 2
    max_in_flight = 32
    response_timeout_seconds = 120

    [rrq.runner_routes]
    emails = "node"

    [rrq.correlation_mappings]
    tenant_id = "params.tenant.id"

    [[rrq.cron_jobs]]
    function_name = "nightly_report"
    schedule = "0 0 3 * * *"
    queue_name = "emails"
    params = { kind = "daily" }
    unique = true

    [rrq.watch]
    include_patterns = ["*.ts", "*.toml"]
    pre_restart_cmds = [["npm", "run", "build"]]`;
  const { settings, warnings } = parse(text, { for: "worker" });
  expect(warnings).toStrictEqual([]);
  expect(settings).toMatchObject({
    defaultRunnerName: "python",
    runnerRoutes: new Map([["rrq:queue:emails", "node"]]),
    correlationMappings: { tenant_id: "params.tenant.id" },
    cronJobs: [{ functionName: "nightly_report", queueName: "rrq:queue:emails", paramsJson: '{"kind":"daily"}', unique: true }],
    watch: { includePatterns: ["*.ts", "*.toml"], preRestartCmds: [["npm", "run", "build"]] },
  });
  expect([...settings.runners.values()]).toMatchObject([
    { name: "python", poolSize: 4, maxInFlight: 10, env: { APP_ENV: "prod" }, responseTimeoutSeconds: null },
    { name: "node", poolSize: 2, maxInFlight: 32, tcpPort: 9100, responseTimeoutSeconds: 120 },
  ]);
});
