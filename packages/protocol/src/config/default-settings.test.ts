import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RrqError, type RrqErrorCode } from "../errors.ts";
import { JsonText } from "../json-text.ts";
import { defaultRunner } from "./default-runner.ts";
import { defaultSettings, type SettingsInput } from "./default-settings.ts";
import { DEFAULTS } from "./defaults.ts";
import { parseConfig } from "./parse-config.ts";

const input: SettingsInput = {
  redisDsn: "redis://h",
  defaultQueueName: "main",
  leaseSeconds: 0.5,
  defaultPollDelaySeconds: null,
  runners: { my_runner: { cmd: ["x"], tcpPort: 9000, poolSize: 2, env: { someKey: "v" } } },
  runnerRoutes: { mail: "my_runner" },
  cronJobs: [{ functionName: "f", schedule: "0 0 3 * * *", params: { someKey: null, n: 1.5 } }],
  watch: { includePatterns: ["*.x"] },
  http: { port: 1 },
  correlationMappings: { someKey: "params.x" },
};

describe("settings of a program without a file", () => {
  test("nothing given means what an empty file means [config §3.1]", () => {
    expect(defaultSettings()).toStrictEqual(DEFAULTS);
    expect(defaultSettings()).toStrictEqual(parseConfig("", { path: "rrq.toml", for: "worker" }).settings);
  });

  test("what is given is checked and completed, as the same in a file [design §4]", () => {
    const text = `
      redis_dsn = "redis://h"
      default_queue_name = "main"
      lease_seconds = 0.5
      runner_routes = { mail = "my_runner" }
      watch = { include_patterns = ["*.x"] }
      http = { port = 1 }
      correlation_mappings = { someKey = "params.x" }
      [runners.my_runner]
      cmd = ["x"]
      tcp_port = 9000
      pool_size = 2
      env = { someKey = "v" }`;
    const { cronJobs, ...settings } = defaultSettings(input);
    const { cronJobs: _, ...ofFile } = parseConfig(text, { path: "rrq.toml", for: "worker" }).settings;
    expect(settings).toStrictEqual(ofFile);
    expect(cronJobs).toMatchObject([{ queueName: "rrq:queue:main", paramsJson: '{"someKey":null,"n":1.5}', timezone: "UTC" }]);
  });

  test("whole settings are an input too, and stay what they are", () => {
    expect(defaultSettings(defaultSettings(input))).toStrictEqual(defaultSettings(input));
  });

  test("params that are JSON text stay as they are", () => {
    const job = { functionName: "f", schedule: "s", params: new JsonText('{"n":1.0}') };
    expect(defaultSettings({ cronJobs: [job] }).cronJobs[0]?.paramsJson).toBe('{"n":1.0}');
  });

  test.each<[paramsJson: string, code: RrqErrorCode]>([
    ["5", "INVALID_CONFIG"],
    ["{", "NOT_JSON"],
    [`{"a":${"[".repeat(200)}${"]".repeat(200)}}`, "TOO_DEEP"],
  ])("params that are no object of JSON are refused: %s", (paramsJson, code) => {
    const attempt = (): unknown => defaultSettings({ cronJobs: [{ functionName: "f", schedule: "s", paramsJson }] });
    expect(attempt).toThrow(expect.toSatisfy((error) => RrqError.is(error, code)));
  });

  test("every problem is told in the program's own words", () => {
    const wrong = { leaseSeconds: 0, leaseSecs: 1, redisDsn: 5, runners: { my_runner: { tcpPort: 0, poolSze: 1 } } };
    // A caller without types.
    const attempt = (): unknown => defaultSettings(wrong as unknown as SettingsInput);
    expect(attempt).toThrow(expect.toSatisfy((error) => RrqError.is(error, "INVALID_CONFIG")));
    expect(attempt).toThrow(
      [
        "6 problems in settings:",
        "settings: leaseSecs is not known. Did you mean leaseSeconds?",
        'settings: redisDsn is 5; it takes a string. Write "5".',
        "settings: leaseSeconds is 0; it takes a number of seconds from 0.1 to 3600.",
        "settings: runners.my_runner.poolSze is not known. Did you mean poolSize?",
        "settings: runners.my_runner.tcpPort is 0; it takes a port from 1 to 65535.",
        "settings: runners.my_runner.cmd is missing",
      ].join("\n  "),
    );
  });

  test("whatever is given, it is settings or INVALID_CONFIG", () => {
    const anything = fc.dictionary(fc.constantFrom(...Object.keys(DEFAULTS), "other"), fc.anything({ withBigInt: true, withNullPrototype: true }));
    fc.assert(
      fc.property(anything, (given) => {
        try {
          defaultSettings(given);
        } catch (error) {
          if (!RrqError.is(error)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the default runner", () => {
  const two = { a: { cmd: ["x"], tcpPort: 1, poolSize: 1 }, b: { cmd: ["x"], tcpPort: 2, poolSize: 1 } };
  test.each<[what: string, given: SettingsInput, names: string[] | undefined, runner: string]>([
    ["the one that is named", { defaultRunnerName: "b", runners: two }, undefined, "b"],
    ["the only one", { runners: { a: two.a } }, undefined, "a"],
    ["the only one that a program brings", {}, ["main"], "main"],
    ["python among several", { runners: two }, undefined, "python"],
    ["python, if there is none", {}, undefined, "python"],
    ["the empty name, if that is what is written", { defaultRunnerName: "", runners: { a: two.a } }, undefined, ""],
  ])("is %s [config §3.1] [design §4]", (_what, given, names, runner) => {
    expect(defaultRunner(defaultSettings(given), names)).toBe(runner);
  });
});
