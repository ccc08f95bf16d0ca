import { defineJob, type ExecutionOutcome, JsonText, outcome } from "@rrq/protocol";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createRegistry, type Middleware } from "./registry.ts";
import { runHandler } from "./testing/index.ts";

const resize = defineJob("resize", {
  params: z.object({ width: z.number(), at: z.string().transform((text) => new Date(text)) }),
  result: z.object({ bytes: z.number() }),
});
const params = { width: 10, at: "2025-01-01T00:00:00Z" };

describe("[runner §4.1] handlers by name", () => {
  test("names are told in the order of registration", () => {
    const registry = createRegistry().register("b", () => 1).register("a", () => 1).registerRaw("c", () => 1);
    expect(registry.names()).toEqual(["b", "a", "c"]);
  });

  test.each<[string, () => unknown, string]>([
    ["a name twice", () => createRegistry().register("a", () => 1).register("a", () => 2), "Handler with name 'a' already registered"],
    ["a name in both forms", () => createRegistry().register("a", () => 1).registerRaw("a", () => 2), "'a' already registered"],
    ["a name with and without prefix", () => createRegistry().register("mail#a", () => 1).register("a", () => 2), "'a' already registered"],
    ["an empty name", () => createRegistry().register("", () => 1), "cannot be empty"],
    ["a prefix alone", () => createRegistry().register("mail#", () => 1), "cannot be empty: 'mail#'"],
    ["what is no function", () => createRegistry().register("a", 5 as never), "Handler for 'a' must be a function"],
  ])("%s is refused", (_title, register, message) => {
    expect(register).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) as string }));
  });

  test("the name has to match exactly; a name nobody registered is told to the orchestrator", async () => {
    const registry = createRegistry().register("a", () => 1);
    expect(registry.find("A")).toBeUndefined();
    expect(registry.find("constructor")).toBeUndefined();
    expect(await runHandler(registry, "A", {})).toEqual({
      type: "handler_not_found",
      error: { message: "No handler registered for function 'A'", type: "handler_not_found" },
    });
  });

  test("[wire §3.1] of a name with the runner's prefix the rest counts, as the orchestrator sends it", async () => {
    const registry = createRegistry().register("mail#send#now", () => "sent");
    expect(registry.names()).toEqual(["send#now"]);
    expect(await runHandler(registry, "mail#send#now", {})).toEqual(outcome.success("sent"));
  });
});

describe("[design §4] handlers of defined jobs", () => {
  test("get params that the schema parsed", async () => {
    const registry = createRegistry().register(resize, ({ width, at }) => ({ bytes: width * at.getUTCFullYear() }));
    expect(await runHandler(registry, resize, params)).toEqual(outcome.success({ bytes: 20_250 }));
  });

  test("are not called for params that do not fit", async () => {
    let called = false;
    const registry = createRegistry().register(resize, () => {
      called = true;
      return { bytes: 1 };
    });
    const told = await runHandler(registry, resize, { ...params, width: "wide" as unknown as number });
    expect(told).toMatchObject({ type: "failure", error: { code: "SCHEMA_MISMATCH", message: expect.stringContaining("width") as string } });
    expect(called).toBe(false);
  });

  test.each<[string, unknown]>([
    ["returned", { bytes: "many" }],
    ["in an outcome", outcome.success({ bytes: "many" })],
    ["missing", undefined],
  ])("fail with a result that does not fit: %s", async (_title, result) => {
    const registry = createRegistry().register(resize, () => result as { bytes: number });
    expect(await runHandler(registry, resize, params)).toMatchObject({ type: "failure", error: { code: "SCHEMA_MISMATCH" } });
  });

  test.each<[string, unknown]>([
    ["returned", { bytes: 7 }],
    ["in an outcome", outcome.success({ bytes: 7 })],
    ["as JSON text", new JsonText('{"bytes": 7}')],
  ])("may give their result: %s", async (_title, result) => {
    const registry = createRegistry().register(resize, () => result as { bytes: number });
    expect(await runHandler(registry, resize, params)).toEqual(outcome.success({ bytes: 7 }));
  });

  test.each<[ExecutionOutcome]>([[outcome.failure("m")], [outcome.retryAfter(1)], [outcome.cancelled()]])(
    "may return any outcome, past the result schema: %o",
    async (told) => {
      const registry = createRegistry().register(resize, () => told);
      expect(await runHandler(registry, resize, params)).toEqual(told);
    },
  );

  test("without schemas take and give anything", async () => {
    const plain = defineJob("plain");
    const registry = createRegistry().register(plain, (given) => given["x"]);
    expect(await runHandler(registry, plain, { x: [1] })).toEqual(outcome.success([1]));
  });
});

describe("[design §4] middleware", () => {
  const noting =
    (name: string, notes: string[]): Middleware =>
    async (_call, next) => {
      notes.push(`${name} in`);
      try {
        return await next();
      } finally {
        notes.push(`${name} out`);
      }
    };

  test("is around every handler, in any order of registration, the first one outermost", async () => {
    const notes: string[] = [];
    const registry = createRegistry()
      .use(noting("a", notes))
      .register("x", () => void notes.push("x"))
      .registerRaw("raw", () => void notes.push("raw"))
      .use(noting("b", notes));
    await runHandler(registry, "x", {});
    await runHandler(registry, "raw", {});
    expect(notes).toEqual(["a in", "b in", "x", "b out", "a out", "a in", "b in", "raw", "b out", "a out"]);
  });

  test("knows the call: name, params as they were sent, context", async () => {
    const calls: unknown[] = [];
    const registry = createRegistry().register(resize, () => ({ bytes: 1 }));
    registry.use((call, next) => {
      calls.push([call.functionName, call.params, call.ctx.jobId, call.ctx.attempt]);
      return next();
    });
    await runHandler(registry, resize, params, { jobId: "j", attempt: 3 });
    expect(calls).toEqual([["resize", params, "j", 3]]);
  });

  test("can answer instead of the handler", async () => {
    let called = false;
    const registry = createRegistry().use(() => outcome.retryAfter(5)).register("x", () => void (called = true));
    expect(await runHandler(registry, "x", {})).toEqual(outcome.retryAfter(5));
    expect(called).toBe(false);
  });

  test("can change the result, and have the handler called again", async () => {
    let calls = 0;
    const registry = createRegistry()
      .use(async (_call, next) => [await next(), await next()])
      .register("x", () => (calls += 1));
    expect(await runHandler(registry, "x", {})).toEqual(outcome.success([1, 2]));
  });

  test.each<[string, () => never | Promise<never>]>([
    ["thrown at once", () => { throw new Error("boom"); }],
    ["rejected later", async () => { await Promise.resolve(); throw new Error("boom"); }],
  ])("sees what the handler throws as a rejection: %s", async (_title, handler) => {
    const registry = createRegistry()
      .use((_call, next) => next().catch((error: unknown) => outcome.failure(`seen: ${String(error)}`)))
      .register("x", handler);
    expect(await runHandler(registry, "x", {})).toEqual(outcome.failure("seen: Error: boom"));
  });

  test("sees params that do not fit", async () => {
    const seen: unknown[] = [];
    const registry = createRegistry()
      .use((_call, next) => next().catch((error: unknown) => { seen.push(error); throw error; }))
      .register(resize, () => ({ bytes: 1 }));
    await runHandler(registry, resize, { width: 1 } as never);
    expect(seen).toMatchObject([{ code: "SCHEMA_MISMATCH" }]);
  });

  test("that throws fails the job", async () => {
    const registry = createRegistry().use(() => { throw new RangeError("no"); }).register("x", () => 1);
    expect(await runHandler(registry, "x", {})).toMatchObject({ type: "failure", error: { message: "no", type: "RangeError" } });
  });
});
