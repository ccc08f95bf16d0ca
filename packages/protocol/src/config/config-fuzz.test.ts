import fc from "fast-check";
import { expect, test } from "vitest";
import { RrqError } from "../errors.ts";
import { parseConfig } from "./parse-config.ts";
import type { Reader } from "./read-settings.ts";

const whole = `
[rrq]
redis_dsn = "redis://user:S3CRET@localhost:6379/0"
default_job_timeout_seconds = 300
default_poll_delay_seconds = 0.1
runner_routes = { mail = "node" }
correlation_mappings = { tenant = "params.tenant" }
[rrq.runners.node]
cmd = ["node", "runner.js", "redis://user:S3CRET@localhost"]
tcp_socket = "[::1]:9000"
pool_size = 2
env = { A = "S3CRET" }
[[rrq.cron_jobs]]
function_name = "f"
schedule = "0 0 3 * * *"
params = { a = [1.0, 0xff, 1979-05-27, inf], b.c = "x" }
[rrq.watch]
pre_restart_cmds = [["a", "b"]]
[rrq.http]
port = 1
`;

const readers: readonly Reader[] = ["producer", "worker", "inspect"];

/** Settings, or `INVALID_CONFIG` with the name of the file; and never a secret. */
function check(text: string): void {
  for (const reader of readers) {
    let told: string;
    try {
      told = parseConfig(text, { path: "rrq.toml", for: reader, runnerMode: reader === "worker" ? "external" : undefined }).warnings.join("\n");
    } catch (error) {
      if (!RrqError.is(error, "INVALID_CONFIG")) throw error;
      told = error.message;
      expect(told).toContain("rrq.toml");
    }
    // Unless the change hit the DSN itself, or made a key of it.
    if (text.split("user:S3CRET@localhost").length === 3) expect(told).not.toContain("user:S3CRET");
  }
}

test("the file that is changed below is right", () => {
  expect(parseConfig(whole, { path: "rrq.toml", for: "inspect" }).settings.runners.size).toBe(1);
});

test("random text is settings or INVALID_CONFIG", () => {
  const piece = fc.constantFrom("rrq", "[", "]", "[[", "]]", "{", "}", "=", ".", '"', "'", '"""', "\n", " ", "#", "1", "-", "e", ",", "\\", "\u0000", "é", "runners", "cron_jobs", "params");
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.array(piece).map((pieces) => pieces.join(""))), check), { numRuns: 3_000 });
});

test("random bytes, read as text, are settings or INVALID_CONFIG", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => check(Buffer.from(bytes).toString("utf8"))), { numRuns: 2_000 });
});

test("a right file with anything cut out, put in or moved is settings or INVALID_CONFIG, and tells no credentials [trap 57]", () => {
  const position = fc.nat(whole.length);
  const insertion = fc.oneof(
    fc.constantFrom("", "5", "-1", '"x"', "'", "[]", "{}", "nan", "true", "\n", "[rrq]", "[[rrq.x]]", "a.b.c = 1\n", "1979-05-27", "=", "rrq", "_"),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(position, fc.nat(30), insertion, position, (at, length, inserted, other) => {
      const changed = whole.slice(0, at) + inserted + whole.slice(at + length);
      check(changed);
      const lines = whole.split("\n");
      const [line = ""] = lines.splice(at % lines.length, 1);
      lines.splice(other % lines.length, 0, line);
      check(lines.join("\n"));
    }),
    { numRuns: 2_000 },
  );
});

test("values of every type at every key are settings or INVALID_CONFIG", () => {
  const keys = [...whole.matchAll(/^(\w+) = (.*)$/gm)].map(([line = "", key = ""]) => ({ line, key }));
  const values = ["5", "-5", "1e308", "nan", '"x"', "true", "[]", "[[]]", "[{}]", "{}", "{ a = 1 }", "1979-05-27", "[[1], 2]", "{ a = { b = [1] } }"];
  for (const { line, key } of keys) for (const value of values) check(whole.replace(line, `${key} = ${value}`));
});
