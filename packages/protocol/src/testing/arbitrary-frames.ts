import fc from "fast-check";
import { JsonText } from "../json-text.ts";
import { type ExecutionOutcome, outcome } from "../outcome.ts";
import type { ExecutionRequest } from "../runner.ts";

/** Anything that a peer may put into a message, made at random. */
export const arbitraryText = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }));

const json = fc.jsonValue({ maxDepth: 4, stringUnit: "grapheme" }).map((value) => new JsonText(JSON.stringify(value)));

const time = fc
  .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
  .chain((date) => fc.constantFrom(date.toISOString(), date.toISOString().replace("Z", "123456+00:00")));

/** JSON has no -0. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

const strings = fc.option(fc.dictionary(arbitraryText, arbitraryText, { noNullPrototype: true }));

export const arbitraryRequest: fc.Arbitrary<ExecutionRequest> = fc.record({
  requestId: arbitraryText,
  jobId: arbitraryText,
  functionName: arbitraryText,
  params: fc.dictionary(arbitraryText, fc.jsonValue({ maxDepth: 3 })).map((params) => new JsonText(JSON.stringify(params))),
  context: fc.record({
    jobId: arbitraryText,
    attempt: fc.nat(),
    enqueueTime: time,
    queueName: arbitraryText,
    deadline: fc.option(time),
    traceContext: strings,
    correlationContext: strings,
    workerId: fc.option(arbitraryText),
    timeoutMs: fc.option(number.map(Math.abs)),
    fence: fc.option(fc.maxSafeNat()),
  }),
});

const error = fc.record(
  {
    message: arbitraryText,
    type: fc.constantFrom("PaymentError", "timeout"),
    code: arbitraryText,
    details: json.filter(({ text }) => text !== "null"),
  },
  { requiredKeys: ["message"] },
);
const seconds = fc.option(number, { nil: undefined });
const flag = fc.boolean();

/** Outcomes whose JSON values are `JsonText`, as they are when they come out of a frame. */
export const arbitraryOutcome: fc.Arbitrary<ExecutionOutcome> = fc.oneof(
  json.map((result) => outcome.success(result)),
  fc.tuple(error, flag).map(([one, retryable]) => outcome.failure(one, { retryable })),
  arbitraryText.map((name) => outcome.handlerNotFound(name)),
  fc.tuple(arbitraryText, flag).map(([message, stillRunning]) => outcome.timeout(message, { stillRunning })),
  fc.tuple(arbitraryText, flag).map(([message, stillRunning]) => outcome.cancelled(message, { stillRunning })),
  fc.tuple(seconds, fc.option(error, { nil: undefined })).map(([delay, one]) => outcome.retryAfter(delay, one)),
);
