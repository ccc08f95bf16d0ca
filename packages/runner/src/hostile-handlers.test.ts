import { setImmediate } from "node:timers/promises";
import { JsonText, outcome } from "@rrq/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { JobContext } from "./job-context.ts";
import { NonRetryable, RetryAfter } from "./retry-after.ts";
import { buildRequest } from "./test-support/requests.ts";
import { RunnerBench } from "./test-support/runner-bench.ts";
import type { SocketClient } from "./test-support/socket-client.ts";

type AnyHandler = (params: object, ctx: JobContext) => unknown;

let bench: RunnerBench;
let client: SocketClient;
/** What the handler `hostile` does, by job id. */
const handlers = new Map<string, AnyHandler>();

beforeEach(async () => {
  handlers.clear();
  bench = await RunnerBench.open((registry) => {
    registry.register("hostile", (params, ctx) => handlers.get(ctx.jobId)?.(params, ctx));
  });
  client = await bench.connect();
});
afterEach(() => bench[Symbol.asyncDispose]());

/** Runs `handler` for one request; answers the only response to it. */
async function answerTo(handler: AnyHandler, timeoutMs: number | null = null): Promise<unknown> {
  handlers.set("j", handler);
  client.request(buildRequest("hostile", { jobId: "j", timeoutMs }));
  const { outcome: told } = await client.response();
  await nothingMore();
  return told;
}

/** The connection lives, and there is no second answer. */
async function nothingMore(): Promise<void> {
  await setImmediate();
  client.request(buildRequest("echo", { jobId: "alive" }));
  expect(await client.response()).toMatchObject({ jobId: "alive", outcome: { type: "success" } });
  expect(client.unread).toBe(0);
}

const circle: { self?: unknown } = {};
circle.self = circle;
const nest = (levels: number): unknown => (levels === 0 ? 0 : [nest(levels - 1)]);
const refuse = (): never => {
  throw new Error("refused");
};
const hostileProxy = new Proxy(
  {},
  { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse, getOwnPropertyDescriptor: refuse },
);
const hostileFunction = new Proxy(() => undefined, { get: refuse, has: refuse, getPrototypeOf: refuse });

describe("[trap 36] exactly one answer to whatever a handler returns", () => {
  test.each<[string, AnyHandler, object]>([
    ["undefined", () => undefined, { type: "success", result: new JsonText("null") }],
    ["an object with undefined in it", () => ({ a: undefined, b: 1 }), { type: "success", result: new JsonText('{"b":1}') }],
    ["a Date", () => new Date(0), { type: "success", result: new JsonText('"1970-01-01T00:00:00.000Z"') }],
    ["JSON text with numbers that JavaScript cannot hold", () => new JsonText('{"n":18446744073709551617}'), { type: "success", result: new JsonText('{"n":18446744073709551617}') }],
    ["[trap 37] what looks like an outcome", () => ({ job_id: "j", request_id: "r", status: "retry" }), { type: "success" }],
    ["a BigInt", () => 5n, { type: "failure", error: { code: "NOT_JSON" } }],
    ["a BigInt deep inside", () => ({ a: [{ b: 5n }] }), { type: "failure", error: { code: "NOT_JSON" } }],
    ["a circle", () => circle, { type: "failure", error: { code: "NOT_JSON" } }],
    ["NaN", () => ({ ratio: Number.NaN }), { type: "failure", error: { code: "NOT_JSON" } }],
    ["a function", () => () => 1, { type: "failure", error: { code: "NOT_JSON" } }],
    ["a symbol", () => Symbol("s"), { type: "failure", error: { code: "NOT_JSON" } }],
    ["half of a surrogate pair", () => "\ud800", { type: "failure", error: { code: "NOT_JSON" } }],
    ["JSON text that is none", () => new JsonText("{"), { type: "failure", error: { code: "NOT_JSON" } }],
    ["20 MiB", () => "x".repeat(20 * 1024 * 1024), { type: "failure", error: { code: "TOO_LARGE" } }],
    ["126 levels", () => nest(126), { type: "failure", error: { code: "TOO_DEEP" } }],
    ["5,000 levels", () => nest(5_000), { type: "failure", error: { code: "TOO_DEEP" } }],
    ["a toJSON that throws", () => ({ toJSON: refuse }), { type: "failure" }],
    ["a getter that throws", () => Object.defineProperty({}, "x", { enumerable: true, get: refuse }), { type: "failure" }],
    ["a proxy that throws at every question", () => hostileProxy, { type: "failure" }],
    ["a function that is such a proxy", () => hostileFunction, { type: "failure" }],
    ["an outcome with details that JSON cannot hold", () => outcome.failure({ message: "m", details: { n: 5n } }), { type: "failure", error: { code: "NOT_JSON" } }],
    ["an outcome with 20 MiB of details", () => outcome.failure({ message: "m", details: "x".repeat(20_000_000) }), { type: "failure", error: { code: "TOO_LARGE" } }],
    ["an outcome with a result that JSON cannot hold", () => outcome.success(5n), { type: "failure", error: { code: "NOT_JSON" } }],
    ["an outcome with a broken message", () => outcome.failure("a\ud800b"), { type: "failure", error: { message: "a\ufffdb" } }],
  ])("%s", async (_title, handler, expected) => {
    expect(await answerTo(handler)).toMatchObject(expected);
    expect(await answerTo(async (params, ctx) => handler(params, ctx))).toMatchObject(expected);
  });
});

describe("[trap 36] exactly one answer to whatever a handler throws", () => {
  test.each<[string, unknown, object]>([
    ["an error", new TypeError("bad"), { type: "failure", error: { message: "bad", type: "TypeError" } }],
    ["undefined", undefined, { type: "failure", error: { message: "Handler threw undefined" } }],
    ["null", null, { type: "failure" }],
    ["a text", "boom", { type: "failure", error: { message: "boom" } }],
    ["a BigInt", 5n, { type: "failure" }],
    ["a circle", circle, { type: "failure" }],
    ["a proxy that throws at every question", hostileProxy, { type: "failure" }],
    ["an error with a message of 20 MiB", new Error("x".repeat(20_000_000)), { type: "failure" }],
    ["an error with half of a surrogate pair", new Error("a\ud800"), { type: "failure", error: { message: "a\ufffd" } }],
    ["RetryAfter", new RetryAfter(1.5), { type: "retry_after", seconds: 1.5 }],
    ["RetryAfter with an endless delay", new RetryAfter(Number.POSITIVE_INFINITY), { type: "retry_after" }],
    ["NonRetryable", new NonRetryable("never"), { type: "failure", retryable: false }],
  ])("%s", async (_title, thrown, expected) => {
    expect(await answerTo(() => { throw thrown; })).toMatchObject(expected);
    expect(await answerTo(async () => { await setImmediate(); throw thrown; })).toMatchObject(expected);
  });
});

describe("[trap 36] exactly one answer to whatever a handler does with its time", () => {
  test("it never ends and ignores its signal", async () => {
    handlers.set("j", () => new Promise(() => undefined));
    client.request(buildRequest("hostile", { jobId: "j", timeoutMs: 1_000 }));
    await vi.waitFor(() => expect(bench.clock.pending).toBe(1), { interval: 1 });
    await bench.clock.advance(3_000);
    expect((await client.response()).outcome).toMatchObject({ type: "timeout", stillRunning: true });
    await nothingMore();
  });

  test.each<[string, (value: (value: unknown) => void, fail: (error: unknown) => void) => void]>([
    ["returns", (resolve) => resolve("late")],
    ["throws", (_resolve, reject) => reject(new Error("late"))],
    ["returns what cannot be sent", (resolve) => resolve(5n)],
    ["asks for a retry", (resolve) => resolve(outcome.retryAfter(1))],
  ])("it %s long after its deadline", async (_title, end) => {
    let finish = (): void => undefined;
    handlers.set("j", () => new Promise((resolve, reject) => (finish = () => end(resolve, reject))));
    client.request(buildRequest("hostile", { jobId: "j", timeoutMs: 1_000 }));
    await vi.waitFor(() => expect(bench.clock.pending).toBe(1), { interval: 1 });
    await bench.clock.advance(3_000);
    expect((await client.response()).outcome).toMatchObject({ type: "timeout", stillRunning: true });
    finish();
    await nothingMore();
  });

  test.each<[string, AnyHandler]>([
    ["a thenable that answers again and again", () => ({ then: (done: (value: unknown) => void) => { done(1); done(2); void setImmediate().then(() => done(3)); } })],
    ["a thenable that answers and throws", () => ({ then: (done: (value: unknown) => void) => { done(1); throw new Error("late"); } })],
    ["a promise with a `then` of its own", () => Object.assign(Promise.resolve(1), { then: (done: (value: unknown) => void) => { done(1); done(1); } })],
  ])("it returns %s", async (_title, handler) => {
    expect(await answerTo(handler)).toMatchObject({ type: "success", result: new JsonText("1") });
  });

  test.each<[string, AnyHandler]>([
    ["a thenable whose `then` cannot be read", () => Object.defineProperty({}, "then", { get: refuse })],
    ["a promise whose constructor cannot be read", () => Object.defineProperty(Promise.resolve(1), "constructor", { get: refuse })],
    ["a promise whose `then` throws", () => Object.assign(Promise.resolve(1), { then: refuse })],
  ])("it returns %s", async (_title, handler) => {
    expect(await answerTo(handler)).toMatchObject({ type: "failure", error: { message: "refused" } });
  });
});

/** Makes a value: some are too hostile to be passed around by anybody but a runner. */
const anything = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }).map((value) => () => value),
  fc.constantFrom<() => unknown>(
    () => 5n,
    () => circle,
    () => hostileProxy,
    () => hostileFunction,
    () => "\ud800",
    () => nest(130),
    () => outcome.failure("m"),
    () => outcome.retryAfter(1),
  ),
);

/** What a handler does with such a value, now, later, or never. */
const behaviour: fc.Arbitrary<AnyHandler> = fc.oneof(
  anything.map((make) => () => make()),
  anything.map((make) => async () => make()),
  anything.map((make) => () => {
    throw make();
  }),
  anything.map((make) => async () => {
    await setImmediate();
    throw make();
  }),
  anything.map((make) => (_params: object, { signal }: JobContext) => {
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(make())));
  }),
  fc.constant((_params: object, { signal }: JobContext) => {
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  }),
  fc.constant(() => new Promise(() => undefined)),
);

test("[runner §10] any number of handlers that do anything: each request has exactly one response", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(behaviour, { minLength: 1, maxLength: 40 }), async (behaviours) => {
      await using one = await RunnerBench.open((registry) => {
        registry.register("hostile", (params, ctx) => handlers.get(ctx.jobId)?.(params, ctx));
      });
      const asker = await one.connect();
      const ids = behaviours.map((_, n) => `j${n}`);
      for (const [n, handler] of behaviours.entries()) handlers.set(`j${n}`, handler);
      asker.request(...ids.map((jobId) => buildRequest("hostile", { jobId, timeoutMs: 1_000 })));
      asker.request(buildRequest("echo", { jobId: "last" }));
      await vi.waitFor(() => expect(asker.arrived).toContain("last"), { interval: 1 });
      await one.clock.advance(3_000);
      const responses = await asker.responses(ids.length + 1);
      expect(responses.map(({ jobId }) => jobId).sort()).toEqual([...ids, "last"].sort());
      asker.request(buildRequest("echo", { jobId: "after" }));
      expect((await asker.response()).jobId).toBe("after");
    }),
    { numRuns: 300 },
  );
});
