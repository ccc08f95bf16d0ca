import { defineJob, outcome } from "@rrq/protocol";
import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { JobContext } from "./job-context.ts";
import type { RawRequest } from "./raw-handler.ts";
import { createRegistry } from "./registry.ts";

const resize = defineJob("resize", {
  params: z.object({ width: z.coerce.number(), tag: z.string().default("none") }),
  result: z.object({ bytes: z.number() }),
});
const registry = createRegistry();

describe("[design §4] types of handlers", () => {
  test("params are what the schema makes of them, the result what it takes", () => {
    registry.register(resize, (params, ctx) => {
      expectTypeOf(params).toEqualTypeOf<{ width: number; tag: string }>();
      expectTypeOf(ctx).toEqualTypeOf<JobContext>();
      return { bytes: params.width };
    });
    registry.register(resize, async () => Promise.resolve({ bytes: 1 }));
    registry.register(resize, () => outcome.retryAfter(5));
    // @ts-expect-error a result that does not fit
    registry.register(resize, () => ({ bytes: "many" }));
    // @ts-expect-error the schema asks for a result
    registry.register(resize, () => undefined);
  });

  test("a bare name gives a record, or what the handler says", () => {
    registry.register("job", (params) => {
      expectTypeOf(params).toEqualTypeOf<Record<string, unknown>>();
    });
    registry.register("job", (params: { to: string }) => params.to);
  });

  test("a job without schemas gives a record", () => {
    registry.register(defineJob("plain"), (params) => {
      expectTypeOf(params).toEqualTypeOf<Record<string, unknown>>();
    });
  });

  test("upstream's form has upstream's names", () => {
    registry.registerRaw("raw", (request, signal) => {
      expectTypeOf(request).toEqualTypeOf<RawRequest>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    });
  });

  test("middleware knows name, params and context", () => {
    registry.use(async (call, next) => {
      expectTypeOf(call.functionName).toEqualTypeOf<string>();
      expectTypeOf(call.params).toEqualTypeOf<Readonly<Record<string, unknown>>>();
      expectTypeOf(call.ctx).toEqualTypeOf<JobContext>();
      const value = await next();
      expectTypeOf(value).toEqualTypeOf<unknown>();
      return value;
    });
  });
});
