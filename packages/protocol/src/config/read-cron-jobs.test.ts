import { describe, expect, test } from "vitest";
import { cronJobOf, errorOf, parse, settingsOf } from "./testing/parse.ts";

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
