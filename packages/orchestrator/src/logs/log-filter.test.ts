import { describe, expect, test } from "vitest";
import { isTold, type LogLevel, type LogThreshold, readLogFilter } from "./log-filter.ts";

describe("[telemetry §2] RUST_LOG", () => {
  test.each<[string | undefined, LogThreshold]>([
    [undefined, "info"],
    ["", "info"],
    ["debug", "debug"],
    [" WARN ", "warn"],
    ["off", "off"],
    ["trace", "trace"],
    ["2", "warn"],
    ["rrq=debug", "debug"],
    ["rrq=debug,warn", "debug"],
    ["warn,rrq=debug", "debug"],
    ["info,hyper=off", "info"],
    ["warn, debug", "debug"],
    ["rrq", "trace"],
    ["off,rrq::cron=info", "off"],
    ["rrq=loud", "info"],
    ["rrq[span]=debug", "info"],
    ["inof", "info"],
    ["hyper=debug", "info"],
    [",,=,", "info"],
  ])("%j tells %s of us", (rustLog, expected) => {
    expect(readLogFilter(rustLog)("rrq")).toBe(expected);
  });

  test("the longest target that fits holds", () => {
    const filter = readLogFilter("error,rrq=warn,rrq::cron=debug");
    expect([filter("rrq"), filter("rrq::cron"), filter("rrq::claim"), filter("app")]).toEqual(["warn", "debug", "warn", "error"]);
  });

  test.each<[LogThreshold, LogLevel[]]>([
    ["off", []],
    ["error", ["error"]],
    ["warn", ["error", "warn"]],
    ["info", ["error", "warn", "info"]],
    ["debug", ["error", "warn", "info", "debug"]],
    ["trace", ["error", "warn", "info", "debug"]],
  ])("%s tells %j", (threshold, told) => {
    expect((["error", "warn", "info", "debug"] as const).filter((level) => isTold(level, threshold))).toEqual(told);
  });
});
