import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineJob } from "./define-job.ts";

describe("[design §4] the contract of a job", () => {
  test("holds what it was given, null for the rest", () => {
    const params = z.object({ to: z.string() });
    expect(defineJob("send", { params, queue: "mail", maxAttempts: 3, timeoutSeconds: 20 })).toEqual({
      name: "send",
      params,
      result: null,
      queue: "mail",
      maxAttempts: 3,
      timeoutSeconds: 20,
    });
    expect(defineJob("send")).toEqual({
      name: "send",
      params: null,
      result: null,
      queue: null,
      maxAttempts: null,
      timeoutSeconds: null,
    });
  });

  test.each([
    ["zod", z.object({ to: z.string() })],
    ["valibot", v.object({ to: v.string() })],
    ["arktype, whose schemas are functions", type({ to: "string" })],
  ])("takes the schemas of %s", (_library, params) => {
    expect(defineJob("send", { params }).params).toBe(params);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["no name", () => defineJob(""), /needs a name/],
    ["an empty queue", () => defineJob("send", { queue: "" }), /queue of job send/],
    ["no attempts", () => defineJob("send", { maxAttempts: 0 }), /maxAttempts of job send .* not 0/],
    ["half an attempt", () => defineJob("send", { maxAttempts: 1.5 }), /maxAttempts of job send .* not 1\.5/],
    ["no time", () => defineJob("send", { timeoutSeconds: 0 }), /timeoutSeconds of job send/],
    ["a fraction of a second, which upstream cannot read", () => defineJob("send", { timeoutSeconds: 5.0001 }), /timeoutSeconds/],
    ["endless time", () => defineJob("send", { timeoutSeconds: Infinity }), /timeoutSeconds/],
    ["a function for a schema", () => defineJob("send", { params: (() => true) as never }), /params of job send must be a Standard Schema/],
    ["an object for a schema", () => defineJob("send", { result: { type: "object" } as never }), /result of job send must be/],
  ])("refuses %s", (_title, make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) as string }));
  });
});
