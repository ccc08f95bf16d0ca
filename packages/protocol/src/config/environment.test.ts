import { describe, expect, test } from "vitest";
import { DEFAULTS } from "./defaults.ts";
import type { RrqSettings } from "./settings.ts";
import { parse, settingsOf } from "./testing/parse.ts";

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
