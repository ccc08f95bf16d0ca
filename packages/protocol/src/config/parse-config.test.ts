import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { RrqError } from "../errors.ts";
import { DEFAULTS } from "./defaults.ts";
import { parseConfig, type ParseConfigOptions } from "./parse-config.ts";
import type { CronJobSettings, RrqSettings, RunnerSettings } from "./settings.ts";

type Options = Partial<ParseConfigOptions>;

function parse(text: string, options: Options = {}) {
  return parseConfig(text, { path: "rrq.toml", for: "inspect", ...options });
}

function settingsOf(text: string, options: Options = {}): RrqSettings {
  return parse(text, options).settings;
}

function runnerOf(text: string, options: Options = {}): RunnerSettings | undefined {
  return settingsOf(text, options).runners.values().next().value;
}

function cronJobOf(text: string): CronJobSettings | undefined {
  return settingsOf(`[[cron_jobs]]\nfunction_name = "f"\nschedule = "0 0 3 * * *"\n${text}`).cronJobs[0];
}

function errorOf(text: string, options: Options = {}): string {
  try {
    parse(text, options);
  } catch (error) {
    if (RrqError.is(error, "INVALID_CONFIG")) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

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

describe("runners", () => {
  const whole: RunnerSettings = {
    name: "p",
    cmd: ["x"],
    poolSize: 2,
    maxInFlight: 3,
    env: { A: "b" },
    cwd: "dir",
    tcpHost: "127.0.0.1",
    tcpPort: 9000,
    allowedHosts: ["h"],
    responseTimeoutSeconds: 1.5,
  };

  test("every key of a runner, and its default [config §3.2]", () => {
    const full = `[runners.p]
      type = "socket"
      cmd = ["x"]
      pool_size = 2
      max_in_flight = 3
      env = { A = "b" }
      cwd = "dir"
      tcp_host = "localhost"
      tcp_port = 9000
      allowed_hosts = ["h"]
      response_timeout_seconds = 1.5`;
    expect(runnerOf(full)).toStrictEqual(whole);
    expect(runnerOf('[runners.p]\ncmd = ["x"]\ntcp_port = 9000')).toStrictEqual({
      ...{ name: "p", cmd: ["x"], tcpHost: "127.0.0.1", tcpPort: 9000 },
      ...{ poolSize: availableParallelism(), maxInFlight: 1, env: {}, cwd: null, allowedHosts: [], responseTimeoutSeconds: null },
    });
  });

  test("what upstream loads and cannot run with: no limit is no limit, 65 in flight are fine [config §3.2]", () => {
    const text = '[runners.p]\ncmd = []\ntcp_port = 7\npool_size = 1\nmax_in_flight = 65\nresponse_timeout_seconds = -1\ntcp_host = "10.0.0.1"';
    expect(runnerOf(text)).toMatchObject({ cmd: [], maxInFlight: 65, responseTimeoutSeconds: null, tcpHost: "127.0.0.1" });
    expect(errorOf(text, { for: "worker" })).toMatch(/^rrq\.toml:2:7: runners\.p\.cmd is empty; it takes the command/);
  });

  test("a managed runner listens on this machine, whatever is written [config §4.1]", () => {
    const { settings, warnings } = parse('[runners.p]\ncmd = ["x"]\ntcp_port = 7\ntcp_host = "foo bar"', { for: "worker" });
    expect(settings.runners.get("p")?.tcpHost).toBe("127.0.0.1");
    expect(warnings).toStrictEqual(["rrq.toml:4:12: runners.p.tcp_host is ignored: managed runners listen on 127.0.0.1."]);
  });

  test.each(["localhost", "127.0.0.1", "::1", " ", ""])("managed tcp_host %j is nothing to warn of [config §4.1]", (host) => {
    const text = `[runners.p]\ncmd = ["x"]\ntcp_port = 7\npool_size = 1\ntcp_host = "${host}"`;
    expect(parse(text, { for: "worker" }).warnings).toStrictEqual([]);
  });

  test("an external runner needs no command, and is one endpoint [config §4.2]", () => {
    const text = 'runner_management_mode = "external"\n[runners.p]\ntcp_port = 65535\npool_size = 5\ntcp_host = " localhost "';
    const { settings, warnings } = parse(text, { for: "worker" });
    expect(settings.runners.get("p")).toMatchObject({ cmd: [], poolSize: 1, tcpHost: "127.0.0.1", tcpPort: 65_535 });
    expect(warnings).toStrictEqual(["rrq.toml:4:13: runners.p.pool_size is ignored: an external runner is one endpoint."]);
  });

  test("the mode of the command line wins, both ways [config §2]", () => {
    const withoutCmd = "[runners.p]\ntcp_port = 7";
    expect(settingsOf(withoutCmd, { runnerMode: "external" })).toMatchObject({ runnerManagementMode: "external" });
    expect(errorOf(`runner_management_mode = "external"\n${withoutCmd}`, { runnerMode: "managed" })).toMatch(/p\.cmd is missing/);
  });

  test.each<[host: string, allowed: string, expected: string]>([
    ["", "[]", "127.0.0.1"],
    ["127.0.0.2", "[]", "127.0.0.2"],
    ["::1", "[]", "::1"],
    ["[::1]", "[]", "::1"],
    ["0:0:0:0:0:0:0:1", "[]", "0:0:0:0:0:0:0:1"],
    ["10.0.0.1", '["10.0.0.1"]', "10.0.0.1"],
    ["fd00::1", '["FD00::1"]', "fd00::1"],
    ["Runner.Example", '["runner.example"]', "Runner.Example"],
    ["localhost", "[]", "127.0.0.1"],
    ["LOCALHOST", '["localhost"]', "LOCALHOST"],
  ])("an external runner at %j with allowed_hosts %s is connected to at %j; nothing is resolved [config §4.2]", (host, allowed, expected) => {
    const text = `runner_management_mode = "external"\n[runners.p]\ntcp_port = 7\ntcp_host = "${host}"\nallowed_hosts = ${allowed}`;
    expect(runnerOf(text)?.tcpHost).toBe(expected);
  });

  test.each<[host: string, reason: RegExp]>([
    ["10.0.0.1", /An address beyond this machine must be listed: write allowed_hosts = \["10\.0\.0\.1"\]/],
    ["::ffff:10.0.0.1", /must be listed/],
    ["foo.invalid", /A name must be listed: write allowed_hosts = \["foo\.invalid"\]/],
    ["LOCALHOST", /A name must be listed/],
    ["[x", /of brackets, both or none/],
    ["10.0.0.1:9000", /its port goes into tcp_port/],
  ])("an external runner at %j is refused, and what would allow it is told [config §4.2] [design §7]", (host, reason) => {
    const message = errorOf(`runner_management_mode = "external"\n[runners.p]\ntcp_port = 7\ntcp_host = "${host}"`);
    expect(message).toContain(`rrq.toml:4:12: runners.p.tcp_host is ${JSON.stringify(host)}.`);
    expect(message).toMatch(reason);
  });

  test("65 processes from port 65471 on fit, 66 do not [config §4.3]", () => {
    const text = (size: number): string => `[runners.p]\ncmd = ["x"]\ntcp_port = 65471\npool_size = ${size}`;
    expect(runnerOf(text(65))?.poolSize).toBe(65);
    expect(errorOf(text(66))).toBe(
      "rrq.toml:3:12: runners.p.tcp_port is 65471: the 66 processes of the pool would need ports up to 65536, beyond 65535.",
    );
  });

  test.each<[socket: string, host: string, port: number]>([
    ["127.0.0.1:9000", "127.0.0.1", 9000],
    ["localhost:9000", "127.0.0.1", 9000],
    ["[::1]:9000", "127.0.0.1", 9000],
    [" 127.0.0.1:9000 ", "127.0.0.1", 9000],
  ])("tcp_socket = %j of up to 0.10.7 loads, with a warning [config §3.2] [config §9]", (socket, host, port) => {
    const { settings, warnings } = parse(`[runners.p]\ncmd = ["x"]\npool_size = 1\ntcp_socket = "${socket}"`, { for: "worker" });
    expect(settings.runners.get("p")).toMatchObject({ tcpHost: host, tcpPort: port });
    expect(warnings).toStrictEqual([
      "rrq.toml:4:1: runners.p.tcp_socket is the form of RRQ up to 0.10.7: write tcp_host and tcp_port = 9000.",
    ]);
  });

  test("tcp_socket says where an external runner is, too [config §9]", () => {
    const text = '[runners.p]\ntcp_socket = "[fd00::1]:9000"\nallowed_hosts = ["fd00::1"]';
    expect(runnerOf(text, { runnerMode: "external" })).toMatchObject({ tcpHost: "fd00::1", tcpPort: 9000 });
  });

  test("beside tcp_port, tcp_socket is ignored, with a warning [config §9]", () => {
    const { settings, warnings } = parse('[runners.p]\ncmd = ["x"]\ntcp_port = 7\ntcp_socket = "h:9000"');
    expect(settings.runners.get("p")?.tcpPort).toBe(7);
    expect(warnings).toStrictEqual(["rrq.toml:4:1: runners.p.tcp_socket is ignored beside tcp_port."]);
  });

  test.each(['"h"', '":"', '"h:x"', '"[::1:9"', "9000", '"h:"', '""'])("tcp_socket = %s is refused once [config §9]", (socket) => {
    expect(errorOf(`[runners.p]\ncmd = ["x"]\ntcp_socket = ${socket}`)).toMatch(
      /^rrq\.toml:3:14: runners\.p\.tcp_socket is .*; it takes "host:port" or "\[host\]:port"\. Better write tcp_port\.$/,
    );
  });

  test.each(['"h:0"', '"h:70000"'])("the port of tcp_socket = %s is refused [config §9]", (socket) => {
    expect(errorOf(`[runners.p]\ncmd = ["x"]\ntcp_socket = ${socket}`)).toMatch(/tcp_port is \d+; it takes a port from 1 to 65535/);
  });
});

describe("cron jobs", () => {
  test("every key of a cron job, and its default [config §3.3]", () => {
    const full = 'params = { kind = "daily" }\nqueue_name = "mail"\nunique = true\nname = "nightly"\ntimezone = "Europe/Berlin"\nmisfire = "once"';
    expect(cronJobOf(full)).toStrictEqual({
      ...{ name: "nightly", functionName: "f", schedule: "0 0 3 * * *", paramsJson: '{"kind":"daily"}' },
      ...{ queueName: "rrq:queue:mail", unique: true, timezone: "Europe/Berlin", misfire: "once" },
    });
    expect(cronJobOf("")).toMatchObject({
      ...{ paramsJson: "{}", queueName: "rrq:queue:default", unique: false, timezone: "UTC", misfire: "skip" },
    });
  });

  test("without a queue of its own it goes into the default queue [config §3.3]", () => {
    const text = 'default_queue_name = "main"\n[[cron_jobs]]\nfunction_name = "f"\nschedule = "s"';
    expect(settingsOf(text).cronJobs[0]?.queueName).toBe("rrq:queue:main");
  });

  test("schedules are not looked at here [config §3.3]", () => {
    expect(settingsOf('[[cron_jobs]]\nfunction_name = "f"\nschedule = "bad"').cronJobs[0]?.schedule).toBe("bad");
  });

  test.each<[toml: string, json: string]>([
    ["1.0", "1.0"],
    ["1_000", "1000"],
    ["0xff", "255"],
    ["0o17", "15"],
    ["-0b11", "broken"],
    ["+5", "5"],
    ["9223372036854775807", "9223372036854775807"],
    ["+1.50", "1.50"],
    ["1e6", "1e6"],
    ["5e+22", "5e22"],
    ["1e400", "1e400"],
    ["-0.0", "-0.0"],
    ["true", "true"],
    ["'a\"b'", '"a\\"b"'],
    ["[1, [], {}]", "[1,[],{}]"],
    ["{ b = 1, a.c = 2 }", '{"b":1,"a":{"c":2}}'],
  ])("params keep %s as %s [config §3.3]", (toml, json) => {
    if (json === "broken") expect(errorOf(`[[cron_jobs]]\nparams.x = ${toml}`)).toMatch(/not TOML/);
    else expect(cronJobOf(`params.x = ${toml}`)?.paramsJson).toBe(`{"x":${json}}`);
  });

  test.each<[toml: string, json: string, warning: RegExp]>([
    ["1979-05-27", '"1979-05-27"', /date or time.*the handler gets the string "1979-05-27"/],
    ["1979-05-27T07:32:00Z", '"1979-05-27T07:32:00Z"', /date or time/],
    ["nan", "null", /nan, which JSON has not: the handler gets null/],
    ["-inf", "null", /-inf, which JSON has not/],
  ])("params with %s become %s, and are warned about [config §3.3]", (toml, json, warning) => {
    const parsed = parse(`[[cron_jobs]]\nfunction_name = "f"\nschedule = "s"\nparams.x = ${toml}`);
    expect(parsed.settings.cronJobs[0]?.paramsJson).toBe(`{"x":${json}}`);
    expect(parsed.warnings).toStrictEqual([expect.stringMatching(warning)]);
    expect(parsed.warnings[0]).toMatch(/^rrq\.toml:4:12: cron_jobs\[0\]\.params has /);
  });

  test("params deeper than runners read are refused", () => {
    const nested = (levels: number): string => `params.x = ${"[".repeat(levels)}${"]".repeat(levels)}`;
    expect(cronJobOf(nested(124))?.paramsJson).toHaveLength(6 + 248);
    expect(errorOf(`[[cron_jobs]]\nfunction_name = "f"\nschedule = "s"\n${nested(125)}`)).toMatch(/nested deeper than 125 levels/);
  });

  test("an entry without a name is the same in every file that has it, and another if it fires something else [design §8]", () => {
    const name = (text: string): string | undefined => cronJobOf(text)?.name;
    expect(name("")).toMatch(/^f:[0-9a-f]{12}$/);
    expect(name('queue_name = "default"')).toBe(name('queue_name = "rrq:queue:default"'));
    const others = ["", 'queue_name = "x"', "params = { a = 1 }", "params = { a = 1.0 }", 'timezone = "Asia/Tokyo"'].map(name);
    expect(new Set(others).size).toBe(others.length);
  });

  test("two entries that are one fire once, with a warning; two of one name are refused [design §8]", () => {
    const entry = '[[cron_jobs]]\nfunction_name = "f"\nschedule = "s"\n';
    expect(parse(entry + entry)).toMatchObject({
      settings: { cronJobs: [{ functionName: "f" }] },
      warnings: [expect.stringMatching(/^rrq\.toml:4:3: cron_jobs\[1\] is another one once more: they fire once\./)],
    });
    expect(errorOf(`${entry}name = "n"\n${entry}queue_name = "q"\nname = "n"`)).toMatch(
      /^rrq\.toml:5:3: cron_jobs\[1\]\.name is "n", as of another cron job/,
    );
  });

  test("a time zone that there is not is refused, with the likely one [design §3]", () => {
    expect(errorOf('[[cron_jobs]]\nfunction_name = "f"\nschedule = "s"\ntimezone = "Europe/Berln"')).toBe(
      'rrq.toml:4:12: cron_jobs[0].timezone is "Europe/Berln" (a string); it takes the IANA name of a time zone, such as "Europe/Berlin". Write "Europe/Berlin".',
    );
  });
});

describe("environment", () => {
  test.each<[variable: string, value: string, expected: Partial<RrqSettings>]>([
    ["RRQ_REDIS_DSN", "redis://e", { redisDsn: "redis://e" }],
    ["RRQ_REDIS_DSN", " ", { redisDsn: " " }],
    ["RRQ_REDIS_DSN", "", { redisDsn: "redis://f" }],
    ["RRQ_CAPTURE_RUNNER_OUTPUT", "1", { captureRunnerOutput: true }],
    ["RRQ_CAPTURE_RUNNER_OUTPUT", "true", { captureRunnerOutput: true }],
    ["RRQ_CAPTURE_RUNNER_OUTPUT", "yes", { captureRunnerOutput: true }],
    ["RRQ_CAPTURE_RUNNER_OUTPUT", "0", { captureRunnerOutput: false }],
    ["RRQ_CAPTURE_RUNNER_OUTPUT", "TRUE", { captureRunnerOutput: false }],
    ["RRQ_CAPTURE_RUNNER_OUTPUT", "", { captureRunnerOutput: false }],
  ])("%s=%j wins over the file, unless it is empty [config §5]", (variable, value, expected) => {
    expect(settingsOf('redis_dsn = "redis://f"', { env: { [variable]: value } })).toMatchObject(expected);
  });

  test("a wrong value in the file does not matter where a variable wins [config §5]", () => {
    expect(settingsOf("redis_dsn = 5", { env: { RRQ_REDIS_DSN: "redis://e" } }).redisDsn).toBe("redis://e");
  });

  test("RRQ_CAPTURE_RUNNER_OUTPUT=TRUE means false, and a worker is told so [config §5]", () => {
    const env = { RRQ_CAPTURE_RUNNER_OUTPUT: "TRUE" };
    const warning = 'RRQ_CAPTURE_RUNNER_OUTPUT: "TRUE" counts as false. For true write 1, true or yes.';
    expect(parse("", { env, for: "worker" }).warnings).toStrictEqual([warning]);
  });

  test.each([
    ...["DEFAULT_QUEUE_NAME", "DEFAULT_DLQ_NAME", "DEFAULT_RUNNER_NAME", "DEFAULT_MAX_RETRIES", "DEFAULT_JOB_TIMEOUT_SECONDS"],
    ...["DEFAULT_RESULT_TTL_SECONDS", "RUNNER_CONNECT_TIMEOUT_MS", "DEFAULT_LOCK_TIMEOUT_EXTENSION_SECONDS", "EXPECTED_JOB_TTL"],
    ...["DEFAULT_UNIQUE_JOB_LOCK_TTL_SECONDS", "DEFAULT_POLL_DELAY_SECONDS", "WORKER_HEALTH_CHECK_INTERVAL_SECONDS"],
    ...["WORKER_HEALTH_CHECK_TTL_BUFFER_SECONDS", "BASE_RETRY_DELAY_SECONDS", "MAX_RETRY_DELAY_SECONDS"],
    ...["WORKER_SHUTDOWN_GRACE_PERIOD_SECONDS"],
  ])("RRQ_%s of 0.9.14 is not read, and warned about if it is set [config §5] [design §8]", (name) => {
    expect(parse("", { env: { [`RRQ_${name}`]: "7" } })).toStrictEqual({
      settings: DEFAULTS,
      warnings: [`RRQ_${name}: the variable is not read; write ${name.toLowerCase()} into rrq.toml.`],
    });
    expect(parse("", { env: { [`RRQ_${name}`]: "" } }).warnings).toStrictEqual([]);
  });
});

describe("errors name line, column, key, what was found, what it takes, and the likely intention", () => {
  test.each<[text: string, message: string]>([
    ["x = ", "rrq.toml:1:5: this is not TOML 1.0: Unspecified values are invalid"],
    [
      "[rrq]\n[rrq.runners.p]\ncmd = ['x']",
      "rrq.toml:2:14: rrq.runners.p.tcp_port is missing; it takes the first port of the runner's processes, such as 9000.",
    ],
    [
      "[rrq.runners.p]\ntcp_port = 1",
      'rrq.toml:1:14: rrq.runners.p.cmd is missing; it takes the command that starts the runner, such as ["node", "runner.js"]. If somebody else starts this runner, write runner_management_mode = "external".',
    ],
    ["[runners.p]\ncmd = ['x']\ntcp_port = 0", "rrq.toml:3:12: runners.p.tcp_port is 0; it takes a port from 1 to 65535."],
    ["[runners.p]\ncmd = ['x']\ntcp_port = 70000", "rrq.toml:3:12: runners.p.tcp_port is 70000; it takes a port from 1 to 65535."],
    [
      "[runners.p]\ncmd = 'x'\ntcp_port = 7",
      'rrq.toml:2:7: runners.p.cmd is "x" (a string); it takes an array of strings, such as ["node", "runner.js"]. Write ["x"].',
    ],
    [
      "[runners.p]\ncmd = ['x', 5]\ntcp_port = 7",
      'rrq.toml:2:13: runners.p.cmd[1] is 5; it takes an array of strings, such as ["node", "runner.js"].',
    ],
    [
      "[runners.p]\ncmd = ['x']\ntcp_port = 7\npool_size = 0",
      "rrq.toml:4:13: runners.p.pool_size is 0; it takes a whole number of processes of at least 1.",
    ],
    [
      "[runners.p]\ncmd = ['x']\ntcp_port = 7\npool_size = '4'",
      'rrq.toml:4:13: runners.p.pool_size is "4" (a string); it takes a whole number of processes of at least 1. Write 4.',
    ],
    [
      "[runners.p]\ncmd = ['x']\ntcp_port = 7\nmax_in_flight = 0",
      "rrq.toml:4:17: runners.p.max_in_flight is 0; it takes a whole number of requests of at least 1.",
    ],
    ["[runners.p]\ncmd = ['x']\ntcp_port = 7\ntcp_prt = 1", "rrq.toml:4:1: runners.p.tcp_prt is not known. Did you mean tcp_port?"],
    [
      "[runners.p]\ncmd = ['x']\ntcp_port = 7\nfoo = 1",
      "rrq.toml:4:1: runners.p.foo is not known. [rrq.runners.<name>] takes type, cmd, pool_size, max_in_flight, env, cwd, tcp_host, tcp_port, allowed_hosts, response_timeout_seconds.",
    ],
    [
      "[runners.p]\ncmd = ['x']\ntcp_port = 7\nlease_seconds = 1",
      "rrq.toml:4:1: runners.p.lease_seconds is not known. It belongs into [rrq].",
    ],
    ["[runners.p]\ntype = 'stdio'\ncmd = ['x']\ntcp_port = 7", 'rrq.toml:2:8: runners.p.type is "stdio" (a string); it takes "socket".'],
    ["runners = []", "rrq.toml:1:11: runners is an array; it takes a table. Write [runners]."],
    ["runners = { p = 5 }", "rrq.toml:1:17: runners.p is 5; it takes a table. Write [runners.p]."],
    [
      '[runners."a.b"]\ncmd = ["x"]',
      "rrq.toml:1:10: runners.\"a.b\".tcp_port is missing; it takes the first port of the runner's processes, such as 9000.",
    ],
    [
      "[[rrq.cron_jobs]]\nfunction_name = 'f'",
      'rrq.toml:1:7: rrq.cron_jobs[0].schedule is missing; it takes a schedule with seconds, such as "0 0 3 * * *".',
    ],
    ["[rrq.cron_jobs]\nfunction_name = 'f'", "rrq.toml:1:6: rrq.cron_jobs is a table; it takes tables. Write [[rrq.cron_jobs]], with two brackets."],
    ["cron_jobs = [5]", "rrq.toml:1:14: cron_jobs[0] is 5; it takes a table."],
    [
      "[[cron_jobs]]\nfunction_name = 'f'\nschedule = 's'\nparams = []",
      'rrq.toml:4:10: cron_jobs[0].params is an array; it takes a table, such as { kind = "daily" }.',
    ],
    [
      "default_job_timeout_seconds = 0",
      "rrq.toml:1:31: default_job_timeout_seconds is 0; it takes a whole number of seconds from 1 to 10000000000.",
    ],
    [
      "default_job_timeout_seconds = 9223372036854775",
      "rrq.toml:1:31: default_job_timeout_seconds is 9223372036854775; it takes a whole number of seconds from 1 to 10000000000.",
    ],
    [
      "default_lock_timeout_extension_seconds = -1",
      "rrq.toml:1:42: default_lock_timeout_extension_seconds is -1; it takes a whole number of seconds from 0 to 9000000000000000.",
    ],
    ["default_poll_delay_seconds = nan", "rrq.toml:1:30: default_poll_delay_seconds is nan; it takes a number of seconds."],
    ["default_max_retries = '5'", 'rrq.toml:1:23: default_max_retries is "5" (a string); it takes a whole number. Write 5.'],
    ["default_max_retries = 5.0", "rrq.toml:1:23: default_max_retries is 5.0 (a number with a fraction); it takes a whole number. Write 5."],
    ["default_max_retries = 1979-05-27", "rrq.toml:1:23: default_max_retries is a date or time; it takes a whole number."],
    ["retry_jitter = '0.5'", 'rrq.toml:1:16: retry_jitter is "0.5" (a string); it takes a share from 0 to 1. Write 0.5.'],
    ["retry_jitter = 20", "rrq.toml:1:16: retry_jitter is 20; it takes a share from 0 to 1."],
    ["capture_runner_output = 'yes'", 'rrq.toml:1:25: capture_runner_output is "yes" (a string); it takes true or false. Write true.'],
    ["default_queue_name = 5", 'rrq.toml:1:22: default_queue_name is 5; it takes a string. Write "5".'],
    [
      "runner_management_mode = 'External'",
      'rrq.toml:1:26: runner_management_mode is "External" (a string); it takes "managed" or "external". Write "external".',
    ],
    [
      "runner_shutdown_term_grace_seconds = -1",
      "rrq.toml:1:38: runner_shutdown_term_grace_seconds is -1; it takes a number of seconds, 0 or more, that 64 bits hold.",
    ],
    [
      "runner_shutdown_term_grace_seconds = 1e300",
      "rrq.toml:1:38: runner_shutdown_term_grace_seconds is 1e300 (a number with a fraction); it takes a number of seconds, 0 or more, that 64 bits hold.",
    ],
    ["[watch]\npre_restart_cmds = ['npm run build']", 'rrq.toml:2:21: watch.pre_restart_cmds[0] is "npm run build" (a string); it takes an array of commands, such as [["npm", "run", "build"]].'],
    [
      "watch = { pre_restart_cmds = 'npm run build' }",
      'rrq.toml:1:30: watch.pre_restart_cmds is "npm run build" (a string); it takes an array of commands, such as [["npm", "run", "build"]]. Write [["npm", "run", "build"]].',
    ],
    ["http = {}", "rrq.toml:1:8: http.port is missing; it takes a port from 0 to 65535."],
    ["http = 9464", "rrq.toml:1:8: http is 9464; it takes a table. Write [http]."],
  ])("%j [config §6] [trap 48]", (text, message) => {
    expect(errorOf(text)).toBe(message);
  });

  test("all problems of a file come at once, in its order, with the warnings that may explain them [trap 48]", () => {
    const text = 'lease_secnds = 5\ndefault_max_retries = "5"\n[runners.p]\ntcp_prt = 7\n[watch]\npath = 1';
    expect(errorOf(text).split("\n")).toStrictEqual([
      "5 problems in rrq.toml:",
      '  rrq.toml:2:23: default_max_retries is "5" (a string); it takes a whole number. Write 5.',
      expect.stringContaining("rrq.toml:3:10: runners.p.cmd is missing"),
      expect.stringContaining("rrq.toml:3:10: runners.p.tcp_port is missing"),
      "  rrq.toml:4:1: runners.p.tcp_prt is not known. Did you mean tcp_port?",
      '  rrq.toml:6:8: watch.path is 1; it takes a string. Write "1".',
      "Beside that:",
      "  rrq.toml:1:1: lease_secnds is not known. Did you mean lease_seconds?",
    ]);
  });

  test("unknown keys are warned about, but those of a runner, which upstream refuses too [config §2] [design §8]", () => {
    const text = "[rrq]\nunknown = 1\nmax_retries = 2\n[rrq.watch]\nfoo = 1\n[[rrq.cron_jobs]]\nfunction_name = 'f'\nschedule = 'bad'\nqueue = 'x'\n[rrq.http]\nport = 1\ntcp_port = 2";
    expect(parse(text).warnings).toStrictEqual([
      "rrq.toml:2:1: rrq.unknown is not known. It is ignored.",
      "rrq.toml:3:1: rrq.max_retries is not known. Did you mean default_max_retries?",
      "rrq.toml:9:1: rrq.cron_jobs[0].queue is not known. Did you mean queue_name?",
      expect.stringMatching(/^rrq\.toml:5:1: rrq\.watch\.foo is not known\. \[rrq\.watch\] takes path, /),
      "rrq.toml:12:1: rrq.http.tcp_port is not known. It belongs into [rrq.runners.<name>].",
    ]);
  });

  test.each<[what: string, text: string]>([
    ["a DSN of another type", 'redis_dsn = ["redis://user:SECRET@h/0"]'],
    ["a DSN in a command", '[runners.p]\ntcp_port = 7\ncmd = "node r.js --dsn redis://:SECRET@h/0"'],
    ["a value of env", "[runners.p]\ntcp_port = 7\ncmd = ['x']\nenv = { PASSWORD = ['SECRET'] }"],
    ["a DSN in broken TOML", 'redis_dsn = "redis://:SECRET@h'],
  ])("no error shows %s [trap 57] [design §7]", (_what, text) => {
    expect(errorOf(text)).not.toContain("SECRET");
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
