import { defineJob, JsonText } from "@rrq/protocol";
import type { Redis as Redis6 } from "ioredis";
import type { Redis as Redis5 } from "ioredis5";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { Enqueued, EnqueueManyResult, EnqueueOptions, Job, Producer, ProducerOptions, RateLimited, RedisLike } from "./index.ts";

declare const producer: Producer;

const sendEmail = defineJob("send_email", {
  params: z.object({ to: z.string(), count: z.number().default(1) }),
  result: z.object({ messageId: z.string() }),
});
const nightly = defineJob("nightly", { params: z.object({ day: z.string().optional() }) });

const key = { key: "k" };
const window = { key: "k", windowSeconds: 1 };

test("rate-limited is an answer only of calls with a rate limit", () => {
  expectTypeOf(producer.enqueue("work", {})).resolves.toEqualTypeOf<Enqueued>();
  expectTypeOf(producer.enqueue("work", {}, { unique: key })).resolves.toEqualTypeOf<Enqueued>();
  expectTypeOf(producer.enqueue("work", {}, { rateLimit: window })).resolves.toEqualTypeOf<Enqueued | RateLimited>();
  const some = {} as EnqueueOptions;
  expectTypeOf(producer.enqueue("work", {}, some)).resolves.toEqualTypeOf<Enqueued | RateLimited>();
});

test("the four keys exclude each other, and so do the ways to say when", () => {
  // @ts-expect-error two keys at once
  void producer.enqueue("work", {}, { unique: key, idempotency: key });
  // @ts-expect-error two keys at once
  void producer.enqueue("work", {}, { rateLimit: window, debounce: window });
  // @ts-expect-error two ways to say when
  void producer.enqueue("work", {}, { delaySeconds: 1, runAt: new Date() });
  // @ts-expect-error a debounce says when
  void producer.enqueue("work", {}, { delaySeconds: 1, debounce: window });
  // @ts-expect-error no such option
  void producer.enqueue("work", {}, { delaySecond: 1 });
});

test("params are those of the contract", () => {
  void producer.enqueue(sendEmail, { to: "a" });
  void producer.enqueue(sendEmail, new JsonText('{"to":"a"}'));
  // @ts-expect-error `to` is text
  void producer.enqueue(sendEmail, { to: 1 });
  // @ts-expect-error they cannot be left out
  void producer.enqueue(sendEmail);
  void producer.enqueue(nightly);
  void producer.enqueue("work");
  void producer.enqueue("work", { anything: [1] });
});

test("so are those of many jobs, each by its own", () => {
  const results = producer.enqueueMany([
    { job: sendEmail, params: { to: "a" } },
    { job: nightly },
    { job: "work", params: { n: 1 }, options: { rateLimit: window } },
  ]);
  expectTypeOf(results).resolves.toEqualTypeOf<EnqueueManyResult[]>();
  void producer.enqueueMany(["a", "b"].map((to) => ({ job: sendEmail, params: { to } })));
  // @ts-expect-error `to` is text
  void producer.enqueueMany([{ job: sendEmail, params: { to: 1 } }, { job: nightly }]);
  // @ts-expect-error params cannot be left out
  void producer.enqueueMany([{ job: "work" }, { job: sendEmail }]);
});

test("as types the result, which only a completed job has", () => {
  expectTypeOf(producer.getJob("a")).resolves.toEqualTypeOf<Job | null>();
  expectTypeOf(producer.getJob("a", { as: sendEmail })).resolves.toEqualTypeOf<Job<{ messageId: string }> | null>();
  const job = {} as Job<{ messageId: string }>;
  if (job.status === "COMPLETED") expectTypeOf(job.result).toEqualTypeOf<{ messageId: string }>();
  else expectTypeOf(job.result).toEqualTypeOf<null>();
});

test("a finished wait has its job, an unknown one has none", async () => {
  const answer = await producer.waitForJob("a", { as: sendEmail });
  if (answer.kind === "unknown") expectTypeOf(answer).toEqualTypeOf<{ readonly kind: "unknown" }>();
  else expectTypeOf(answer.job).toEqualTypeOf<Job<{ messageId: string }>>();
});

test("clients of ioredis 5 and 6 are what we take", () => {
  expectTypeOf<Redis5>().toExtend<RedisLike>();
  expectTypeOf<Redis6>().toExtend<RedisLike>();
  expectTypeOf<{ redis: Redis5; signal: AbortSignal | undefined }>().toExtend<ProducerOptions>();
});
