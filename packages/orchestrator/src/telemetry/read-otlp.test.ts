import { describe, expect, test } from "vitest";
import { readOtlp, type Signal } from "./read-otlp.ts";

describe("[config §7] [telemetry §2] where a signal goes", () => {
  const own = (signal: Signal, value: string): Record<string, string> => ({ [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`]: value });
  const all = (value: string): Record<string, string> => ({ OTEL_EXPORTER_OTLP_ENDPOINT: value });
  test.each<[string, Record<string, string>, Signal, string | null]>([
    ["nothing is set", {}, "traces", null],
    ["its own variable is set", own("traces", "http://c:4318"), "traces", "http://c:4318"],
    ["its own variable has a path", own("logs", " http://c/x/ "), "logs", "http://c/x/"],
    ["another one's is set", own("traces", "http://c:4318"), "metrics", null],
    ["its own is blank", { ...own("metrics", " "), ...all("http://c") }, "metrics", null],
    ["its own is empty", { ...own("metrics", ""), ...all("http://c") }, "metrics", null],
    ["another one's is blank", { ...own("metrics", ""), ...all("http://c") }, "traces", "http://c/v1/traces"],
    ["both are set", { ...own("traces", "http://own"), ...all("http://c") }, "traces", "http://own"],
    ["the one for all is blank", all("  "), "traces", null],
    ["the one for all has no path", all("http://collector:4318"), "metrics", "http://collector:4318/v1/metrics"],
    ["… or a slash", all("http://collector:4318/"), "metrics", "http://collector:4318/v1/metrics"],
    ["… or several", all("http://c//"), "logs", "http://c/v1/logs"],
    ["… or its own path", all("http://c/v1/metrics"), "metrics", "http://c/v1/metrics"],
    ["… or its own path and a slash", all("http://c/v1/metrics/"), "metrics", "http://c/v1/metrics"],
    ["… or another signal's path", all("http://c/v1/traces"), "metrics", "http://c/v1/metrics"],
    ["… or a path of the collector's", all("http://c/otlp"), "traces", "http://c/otlp/v1/traces"],
    ["… or a path that looks like one", all("http://c/v1/trace"), "traces", "http://c/v1/trace/v1/traces"],
    ["… or a query", all("http://collector:4318/v1/traces?token=abc"), "metrics", "http://collector:4318/v1/metrics?token=abc"],
    ["… or a query with a path in it", all("http://c?to=/v1/traces/"), "metrics", "http://c/v1/metrics?to=/v1/traces/"],
    ["… or a fragment", all("http://c/#x?y"), "traces", "http://c/v1/traces#x?y"],
  ])("%s", (_title, env, signal, url) => {
    expect(readOtlp(env)[signal]?.url ?? null).toBe(url);
  });

  test.each<[Record<string, string>, boolean]>([
    [all("http://c"), true],
    [{ ...all("http://c"), ...own("traces", "http://t"), ...own("metrics", "") }, true],
    [{ ...all("http://c"), ...own("traces", "http://t"), ...own("metrics", ""), ...own("logs", "") }, false],
    [own("traces", "http://t"), false],
  ])("%j goes by the variable for all: %s", (env, fallsBack) => {
    expect(readOtlp(env).fallsBack).toBe(fallsBack);
  });
});

describe("[config §7] headers", () => {
  test.each<[string, string | undefined, string | undefined, Record<string, string>]>([
    ["none", undefined, undefined, {}],
    ["of all signals", " api-key = k , x=1=2,", undefined, { "api-key": "k", x: "1=2" }],
    ["empty ones are dropped", "=v,k=, ,novalue", undefined, {}],
    ["of one signal", undefined, "k=v", { k: "v" }],
    ["of one signal over those of all, key by key", "a=1,b=2", "B=3", { a: "1", b: "3" }],
    ["percent-encoded", "p=a%20b,bad=100%", undefined, { p: "a b", bad: "100%" }],
  ])("%s", (_title, all, own, headers) => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c", OTEL_EXPORTER_OTLP_HEADERS: all, OTEL_EXPORTER_OTLP_TRACES_HEADERS: own };
    expect(readOtlp(env).traces?.headers).toEqual(headers);
  });
});
