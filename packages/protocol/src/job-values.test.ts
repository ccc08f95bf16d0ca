import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineJob, type JobDefinition } from "./define-job.ts";
import { RrqError } from "./errors.ts";
import { encodeParams, encodeResult, jobName, parseParams, parseResult } from "./job-values.ts";
import { JsonText } from "./json-text.ts";

interface Mail {
  to: string;
  tags?: { name: string }[] | undefined;
}
type MailJob = JobDefinition<StandardSchemaV1<Mail>>;

const libraries: [name: string, job: MailJob][] = [
  ["zod", defineJob("mail", { params: z.object({ to: z.string(), tags: z.array(z.object({ name: z.string() })).default([]) }) })],
  ["valibot", defineJob("mail", { params: v.object({ to: v.string(), tags: v.optional(v.array(v.object({ name: v.string() })), []) }) })],
  ["arktype", defineJob("mail", { params: type({ to: "string", tags: type({ name: "string" }).array().default(() => []) }) })],
  ["an asynchronous schema", defineJob("mail", { params: z.object({ to: z.string(), tags: z.array(z.object({ name: z.string() })).default([]) }).refine(async (mail) => Promise.resolve(mail.to !== "")) })],
];

async function errorOf(promise: Promise<unknown>): Promise<RrqError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (RrqError.is(error)) return error;
  throw new Error("no RrqError", { cause: error });
}

describe("[design §4] params are checked on both ends", () => {
  test.each(libraries)("%s: what travels is what the producer gave, what arrives has passed the schema once", async (_name, job) => {
    const text = await encodeParams(job, { to: "a" });
    expect(text.text).toBe('{"to":"a"}');
    expect(await parseParams(job, text.parse())).toEqual({ to: "a", tags: [] });
  });

  test.each(libraries)("%s: params that do not fit are refused with the path, on either end", async (_name, job) => {
    const broken = { to: "a", tags: [{ name: "x" }, { name: 5 }] };
    for (const promise of [encodeParams(job, broken as never), parseParams(job, broken)]) {
      const error = await errorOf(promise);
      expect(error.code).toBe("SCHEMA_MISMATCH");
      expect(error.message).toMatch(/^params of mail .*params\.tags\[1\]\.name: /);
      expect(error.cause).toEqual(expect.arrayContaining([expect.objectContaining({ message: expect.any(String) as string })]));
    }
  });

  test("every issue is named, the first five in words", async () => {
    const job = defineJob("many", { params: z.object(Object.fromEntries(Array.from("abcdefg", (key) => [key, z.string()]))) });
    const error = await errorOf(parseParams(job, {}));
    expect(error.message).toContain("params.a: ");
    expect(error.message).toContain("params.e: ");
    expect(error.message).not.toContain("params.f: ");
    expect(error.message).toMatch(/; and 2 more$/);
  });

  test("a schema that takes its input but not the JSON of it is found out by the producer", async () => {
    const job = defineJob("dated", { params: z.object({ at: z.date() }) });
    expect(await errorOf(encodeParams(job, { at: new Date(0) }))).toMatchObject({
      code: "SCHEMA_MISMATCH",
      message: expect.stringContaining("params.at") as string,
    });
  });

  test("a schema that itself throws is a mismatch too, with the error as its cause", async () => {
    const bug = new TypeError("bug in a refinement");
    const job = defineJob("bug", {
      params: z.object({}).refine(() => {
        throw bug;
      }),
    });
    expect(await errorOf(parseParams(job, {}))).toMatchObject({ code: "SCHEMA_MISMATCH", cause: bug });
  });

  test("a bare name, or a contract without schema, takes any object", async () => {
    expect((await encodeParams("bare", { a: 1 })).text).toBe('{"a":1}');
    expect((await encodeParams(defineJob("bare"), { a: 1 })).text).toBe('{"a":1}');
    expect(await parseParams("bare", { a: 1 })).toEqual({ a: 1 });
    expect(await parseParams(defineJob("bare"), { a: 1 })).toEqual({ a: 1 });
    expect([jobName("bare"), jobName(defineJob("mail"))]).toEqual(["bare", "mail"]);
  });

  test("params that are JSON text go as they are", async () => {
    expect((await encodeParams("bare", new JsonText(' {"a":1.0} '))).text).toBe(' {"a":1.0} ');
  });

  test.each([[[1, 2]], [new Date(0)], [new JsonText("[]")], [new JsonText('"{}"')]])("[wire §3.1] params that are no object are refused: %s", async (params) => {
    expect(await errorOf(encodeParams("bare", params))).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("what JSON cannot hold is refused with its place", async () => {
    expect(await errorOf(encodeParams("bare", { user: { id: 1n } }))).toMatchObject({
      code: "NOT_JSON",
      message: expect.stringContaining("params.user.id") as string,
    });
  });

  test("[trap 15] so is what is too large or too deep, before anything is enqueued", async () => {
    expect(await errorOf(encodeParams("bare", { text: "x".repeat(2 ** 24) }))).toMatchObject({ code: "TOO_LARGE" });
    expect(await errorOf(encodeParams("bare", nest(126)))).toMatchObject({ code: "TOO_DEEP" });
    expect(await errorOf(encodeParams("bare", { a: 1 }, { maxBytes: 6 }))).toMatchObject({ code: "TOO_LARGE" });
  });
});

describe("[design §4] results are checked on both ends", () => {
  const job = defineJob("count", { result: z.object({ count: z.string().transform(Number) }) });

  test("what travels is what the handler gave, what arrives has passed the schema once", async () => {
    const text = await encodeResult(job, { count: "3" });
    expect(text.text).toBe('{"count":"3"}');
    expect(await parseResult(job, text.parse())).toEqual({ count: 3 });
  });

  test("a result that does not fit is refused with the path, on either end", async () => {
    const mismatch = { code: "SCHEMA_MISMATCH", message: expect.stringMatching(/^result of count .*result\.count: /) as string };
    expect(await errorOf(encodeResult(job, { count: 3 } as never))).toMatchObject(mismatch);
    expect(await errorOf(parseResult(job, { count: 3 }))).toMatchObject(mismatch);
    expect(await errorOf(parseResult(job, null))).toMatchObject({ code: "SCHEMA_MISMATCH" });
  });

  test.each<[string, JobDefinition<never>, unknown]>([
    ["void", defineJob("quiet", { result: z.void() }), undefined],
    ["undefined", defineJob("quiet", { result: v.undefined() }), undefined],
    ["null", defineJob("quiet", { result: z.null() }), null],
    ["optional", defineJob("quiet", { result: z.string().optional() }), undefined],
    ["nothing in particular", defineJob("quiet"), null],
  ])("[wire §3.3] a handler that returns nothing leaves null, which a schema of %s takes", async (_title, quiet, arrives) => {
    expect((await encodeResult(quiet, undefined as never)).text).toBe("null");
    expect(await parseResult(quiet, null)).toBe(arrives);
  });
});

function nest(levels: number): object {
  let value: object = {};
  for (let level = 1; level < levels; level += 1) value = { value };
  return value;
}
