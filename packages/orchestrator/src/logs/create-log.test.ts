import { RrqError } from "@rrq/protocol";
import { ManualClock } from "@rrq/protocol/runtime";
import { describe, expect, test } from "vitest";
import type { Log, LogFields } from "../log.ts";
import { createLog } from "./create-log.ts";
import { jsonRecords } from "./json-records.ts";
import { readLogFilter } from "./log-filter.ts";
import type { LogRecord } from "./log-record.ts";
import { prettyRecords } from "./pretty-records.ts";

const NOW = Date.UTC(2026, 1, 14, 9, 31, 7, 123);

function keptLog(rustLog = "debug"): { log: Log; records: LogRecord[] } {
  const records: LogRecord[] = [];
  const log = createLog({ filter: readLogFilter(rustLog), sink: (record) => records.push(record), clock: new ManualClock(NOW) });
  return { log, records };
}

describe("[design §8] what a record holds", () => {
  test("the fields of its children's parents, none of which a line can overwrite, nor the message", () => {
    const { log, records } = keptLog();
    log.child({ runner: "a" }).child({ pid: 1 }).warn("told", { runner: "b", message: "forged", n: 1, none: undefined });
    expect(records).toEqual([{ at: NOW, level: "warn", target: "rrq", message: "told", fields: { runner: "a", pid: 1, n: 1 } }]);
  });

  test("the target of the child that says it, which the filter goes by", () => {
    const { log, records } = keptLog("warn,rrq::cron=debug");
    const cron = log.child({ target: "rrq::cron", cron: "nightly" });
    log.info("not told");
    cron.debug("told", { target: "field" });
    cron.child({ slot: 1 }).debug("told too");
    expect(records.map(({ target, fields }) => [target, fields])).toEqual([
      ["rrq::cron", { cron: "nightly", target: "field" }],
      ["rrq::cron", { cron: "nightly", slot: 1 }],
    ]);
  });

  test("what JSON cannot hold, as text", () => {
    const { log, records } = keptLog();
    log.info("odd", { big: 12n, symbol: Symbol("s"), call: Math.max });
    expect(records[0]?.fields).toEqual({ big: "12", symbol: "Symbol(s)", call: expect.stringContaining("max") as string });
  });

  test("errors as text, with code and causes, without what hangs on them", () => {
    const { log, records } = keptLog();
    const cause = Object.assign(new Error("WRONGPASS"), { command: { name: "auth", args: ["secret"] } });
    log.error("failed", { error: new RrqError("REDIS_REFUSED", "login refused", { cause }) });
    const text = String(records[0]?.fields["error"]);
    expect(text).toMatch(/^RrqError: login refused \[REDIS_REFUSED\]\n {4}at .*\ncaused by: Error: WRONGPASS\n {4}at /s);
    expect(text).not.toContain("secret");
  });

  test("[trap 57] [design §7] no login of a Redis DSN, whoever quotes it", () => {
    const { log, records } = keptLog();
    const dsn = "rediss://app:p@ss/w@redis.example:6379/0?password=x";
    log.warn(`cannot connect to ${dsn}.`, { dsn, error: new Error(`tried "${dsn}"`), quoted: `(${dsn})`, other: "https://a@b/c" });
    const text = JSON.stringify(records);
    expect(text).not.toMatch(/p@ss|app:|password=x/);
    expect(records[0]?.message).toBe("cannot connect to rediss://***@redis.example:6379/0?password=***.");
    expect(records[0]?.fields["other"]).toBe("https://a@b/c");
  });
});

describe("[telemetry §8] JSON lines", () => {
  const lines: string[] = [];
  const log = createLog({ filter: readLogFilter(undefined), sink: jsonRecords((line) => lines.push(line)), clock: new ManualClock(NOW) });
  const last = (): unknown => JSON.parse(lines.at(-1) ?? "");

  test("have upstream's members", () => {
    log.info("worker started", { worker_id: "w" });
    expect(lines.at(-1)?.endsWith("\n")).toBe(true);
    expect(last()).toEqual({
      timestamp: "2026-02-14T09:31:07.123Z",
      level: "INFO",
      target: "rrq",
      fields: { message: "worker started", worker_id: "w" },
    });
  });

  test.each<["debug" | "info" | "warn" | "error", string | undefined]>([
    ["debug", undefined],
    ["info", "INFO"],
    ["warn", "WARN"],
    ["error", "ERROR"],
  ])("of level %s", (level, expected) => {
    lines.length = 0;
    log[level]("told");
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(expected === undefined ? [] : [expected]);
  });

  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const thrower = Object.defineProperty({}, "x", { enumerable: true, get: () => expect.fail("read") }) as LogFields;
  test.each<[string, LogFields, object]>([
    ["a cycle", { cycle }, { cycle: { self: "[Circular]" } }],
    ["a BigInt within", { deep: { n: 1n } }, { deep: { n: 1 } }],
    ["a getter that throws", thrower, { unloggable: true }],
    ["a line break", { text: "a\nb" }, { text: "a\nb" }],
  ])("with %s in it are a line all the same", (_title, fields, expected) => {
    log.info("told", fields);
    expect(lines.at(-1)?.trimEnd()).not.toContain("\n");
    expect(last()).toMatchObject({ fields: { message: "told", ...expected } });
  });

  test("a sink that throws costs nothing", () => {
    const broken = createLog({ filter: readLogFilter(undefined), sink: () => expect.fail("full"), clock: new ManualClock(NOW) });
    expect(() => broken.error("told")).not.toThrow();
  });
});

describe("[telemetry §6] lines for people", () => {
  const told = (colour: boolean, message: string, fields: LogFields = {}): string => {
    const lines: string[] = [];
    const sink = prettyRecords((line) => lines.push(line), { colour });
    createLog({ filter: readLogFilter(undefined), sink, clock: new ManualClock(NOW) }).info(message, fields);
    return lines.join("");
  };

  test.each<[string, LogFields, string]>([
    ["worker started", { worker_id: "w-1", jobs: 3 }, "worker started worker_id=w-1 jobs=3"],
    ["quoted", { text: "two words", empty: "", list: [1, "a"] }, 'quoted text="two words" empty="" list=[1,"a"]'],
    ["steered\u001B[2J\nforged", {}, "steered\\x1b[2J\\x0aforged"],
    ["stack", { error: "Error: x\n    at y", id: "j" }, "stack id=j\n    error:\n    Error: x\n        at y"],
  ])("%j", (message, fields, expected) => {
    expect(told(false, message, fields)).toBe(`2026-02-14T09:31:07.123Z  INFO rrq: ${expected}\n`);
  });

  test("in colours where they are asked for", () => {
    expect(told(true, "worker started")).toContain("\u001B[32m INFO\u001B[0m");
  });
});
