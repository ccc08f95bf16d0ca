import { describe, expect, test } from "vitest";
import { errorOf, parse } from "./testing/parse.ts";

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
      expect.stringMatching(/^rrq\.toml:5:1: rrq\.watch\.foo is not known\. \[rrq\.watch\] takes path, /),
      "rrq.toml:9:1: rrq.cron_jobs[0].queue is not known. Did you mean queue_name?",
      "rrq.toml:12:1: rrq.http.tcp_port is not known. It belongs into [rrq.runners.<name>].",
    ]);
  });

  test.each<[what: string, text: string]>([
    ["a DSN of another type", 'redis_dsn = ["redis://user:SECRET@h/0"]'],
    ["a DSN without its scheme", 'redis_dsn = ["user:SECRET@h/0"]'],
    ["a DSN in a command", '[runners.p]\ntcp_port = 7\ncmd = "node r.js --dsn redis://:SECRET@h/0"'],
    ["an env that is no table", "[runners.p]\ntcp_port = 7\ncmd = ['x']\nenv = 'PASSWORD=SECRET'"],
    ["a value of env", "[runners.p]\ntcp_port = 7\ncmd = ['x']\nenv = { PASSWORD = ['SECRET'] }"],
    ["a DSN in broken TOML", 'redis_dsn = "redis://:SECRET@h'],
  ])("no error shows %s [trap 57] [design §7]", (_what, text) => {
    expect(errorOf(text)).not.toContain("SECRET");
  });
});
