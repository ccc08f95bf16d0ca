import { type } from "arktype";
import * as v from "valibot";
import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineJob, type JobLike, type ParamsInput, type ParamsOutput, type ResultInput, type ResultOutput } from "./define-job.ts";
import { encodeParams, parseParams, parseResult } from "./job-values.ts";

const zodJob = defineJob("zod", {
  params: z.object({ to: z.string(), copies: z.number().default(1), at: z.iso.datetime().transform((text) => new Date(text)) }),
  result: z.object({ sent: z.string().transform(Number) }),
});
const valibotJob = defineJob("valibot", {
  params: v.object({ to: v.string(), copies: v.optional(v.number(), 1) }),
  result: v.pipe(v.string(), v.transform(Number)),
});
const arktypeJob = defineJob("arktype", { params: type({ to: "string", copies: "number = 1" }), result: type("string.numeric.parse") });
const bareJob = defineJob("bare", { queue: "mail" });
const asyncJob = defineJob("async", { params: z.object({ to: z.string().refine(async () => true) }) });

describe("[design §4] types are inferred on both ends", () => {
  test("a producer passes what goes into the schema", () => {
    expectTypeOf<ParamsInput<typeof zodJob>>().toEqualTypeOf<{ to: string; copies?: number | undefined; at: string }>();
    expectTypeOf<ParamsInput<typeof valibotJob>>().toEqualTypeOf<{ to: string; copies?: number | undefined }>();
    expectTypeOf<ParamsInput<typeof arktypeJob>>().toEqualTypeOf<{ to: string; copies?: number }>();
    expectTypeOf<ParamsInput<typeof asyncJob>>().toEqualTypeOf<{ to: string }>();
  });

  test("a handler gets what comes out of it", () => {
    expectTypeOf<ParamsOutput<typeof zodJob>>().toEqualTypeOf<{ to: string; copies: number; at: Date }>();
    expectTypeOf<ParamsOutput<typeof valibotJob>>().toEqualTypeOf<{ to: string; copies: number }>();
    expectTypeOf<ParamsOutput<typeof arktypeJob>>().toEqualTypeOf<{ to: string; copies: number }>();
  });

  test("a handler returns what goes into the schema of the result, a reader gets what comes out", () => {
    expectTypeOf<ResultInput<typeof zodJob>>().toEqualTypeOf<{ sent: string }>();
    expectTypeOf<ResultOutput<typeof zodJob>>().toEqualTypeOf<{ sent: number }>();
    expectTypeOf<ResultInput<typeof valibotJob>>().toEqualTypeOf<string>();
    expectTypeOf<ResultOutput<typeof valibotJob>>().toEqualTypeOf<number>();
    expectTypeOf<ResultInput<typeof arktypeJob>>().toEqualTypeOf<string>();
    expectTypeOf<ResultOutput<typeof arktypeJob>>().toEqualTypeOf<number>();
  });

  test("without a schema, and for a bare name, params are any object and the result is unknown", () => {
    expectTypeOf<ParamsInput<typeof bareJob>>().toEqualTypeOf<object>();
    expectTypeOf<ParamsOutput<typeof bareJob>>().toEqualTypeOf<Record<string, unknown>>();
    expectTypeOf<ResultInput<typeof bareJob>>().toEqualTypeOf<unknown>();
    expectTypeOf<ResultOutput<typeof bareJob>>().toEqualTypeOf<unknown>();
    expectTypeOf<ParamsInput<"bare">>().toEqualTypeOf<object>();
    expectTypeOf<ParamsOutput<"bare">>().toEqualTypeOf<Record<string, unknown>>();
    expectTypeOf<ResultOutput<string>>().toEqualTypeOf<unknown>();
  });

  test("a contract and a name are both a job", () => {
    expectTypeOf(zodJob).toExtend<JobLike>();
    expectTypeOf(arktypeJob).toExtend<JobLike>();
    expectTypeOf<"name">().toExtend<JobLike>();
  });

  test("params that can be no object are a compile error", () => {
    // @ts-expect-error params of a job are an object
    defineJob("text", { params: z.string() });
  });

  test("so are wrong params", () => {
    void encodeParams(zodJob, { to: "a", at: "2024-01-01T00:00:00Z" });
    // @ts-expect-error `at` is missing
    void encodeParams(zodJob, { to: "a" });
    // @ts-expect-error a string is no object
    void encodeParams("bare", "text");
  });

  test("parsing gives the types of the receiving end", () => {
    expectTypeOf(parseParams(zodJob, {})).resolves.toEqualTypeOf<{ to: string; copies: number; at: Date }>();
    expectTypeOf(parseResult(valibotJob, "1")).resolves.toEqualTypeOf<number>();
    expectTypeOf(parseResult("bare", 1)).resolves.toEqualTypeOf<unknown>();
  });
});
