import { ManualClock } from "@rrq/protocol/runtime";
import { describe, expect, test } from "vitest";
import { jsonLineLog, type LogLevel, logLevelOf } from "./log.ts";

function logged(level: LogLevel, tell: (log: ReturnType<typeof jsonLineLog>) => void): string[] {
  const lines: string[] = [];
  tell(jsonLineLog({ level, target: "rrq::runner", clock: new ManualClock(1_000), write: (line) => void lines.push(line) }));
  return lines;
}

describe("[telemetry §6] lines in the shape of upstream's", () => {
  test("one JSON object per line: timestamp, level, fields with the message, target", () => {
    const lines = logged("info", (log) => log.warn("two\nlines", { n: 1, text: "ä" }));
    expect(lines).toHaveLength(1);
    expect(lines[0]?.indexOf("\n")).toBe((lines[0]?.length ?? 0) - 1);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      timestamp: "1970-01-01T00:00:01.000Z",
      level: "WARN",
      fields: { message: "two\nlines", n: 1, text: "ä" },
      target: "rrq::runner",
    });
  });

  test.each<[LogLevel, string[]]>([
    ["off", []],
    ["error", ["ERROR"]],
    ["warn", ["ERROR", "WARN"]],
    ["info", ["ERROR", "WARN", "INFO"]],
    ["debug", ["ERROR", "WARN", "INFO", "DEBUG"]],
  ])("level %s tells %j", (level, expected) => {
    const lines = logged(level, (log) => {
      log.error("m");
      log.warn("m");
      log.info("m");
      log.debug("m");
    });
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(expected);
  });

  test("errors are told with their stack, BigInts as text", () => {
    const [line] = logged("info", (log) => log.info("m", { error: new RangeError("bad"), big: 2n ** 64n }));
    expect(JSON.parse(line ?? "")).toMatchObject({ fields: { error: expect.stringContaining("RangeError: bad\n") as string, big: "18446744073709551616" } });
  });

  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  test.each<[string, Record<string, unknown>]>([
    ["a circle", circle],
    ["a getter that throws", { get bad(): never { throw new Error("no"); } }],
    ["a toJSON that throws", { bad: { toJSON: () => { throw new Error("no"); } } }],
  ])("fields that cannot be told do not cost the message: %s", (_title, fields) => {
    const [line] = logged("info", (log) => log.info("kept", fields));
    expect(JSON.parse(line ?? "")).toMatchObject({ fields: { message: "kept", unloggable: true } });
  });
});

describe("[telemetry §2] RUST_LOG", () => {
  test.each<[string | undefined, LogLevel]>([
    [undefined, "info"],
    ["", "info"],
    ["debug", "debug"],
    ["TRACE", "debug"],
    ["off", "off"],
    ["warn,rrq=debug", "debug"],
    ["rrq::runner=error,info", "error"],
    ["hyper=debug", "info"],
    ["hyper=debug,warn", "warn"],
    ["nonsense", "info"],
  ])("%j means %s", (value, level) => {
    expect(logLevelOf(value)).toBe(level);
  });
});
