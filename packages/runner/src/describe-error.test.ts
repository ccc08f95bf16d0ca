import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { describeError } from "./describe-error.ts";

class CardDeclined extends Error {
  override readonly name = "CardDeclined";
  readonly code = "card_declined";
}

/** Every question to it is answered with an exception. */
const hostile: unknown = new Proxy(
  {},
  {
    get: () => {
      throw new Error("get");
    },
    has: () => {
      throw new Error("has");
    },
    getPrototypeOf: () => {
      throw new Error("getPrototypeOf");
    },
  },
);

describe("[runner §4.2] what is told of a thrown value", () => {
  test("an error's name is the type, its code goes along, its stack is in the details", () => {
    expect(describeError(new CardDeclined("no funds"))).toEqual({
      message: "no funds",
      type: "CardDeclined",
      code: "card_declined",
      details: { stack: expect.stringContaining("describe-error.test.ts") as string },
    });
  });

  test("the stacks of its causes follow", () => {
    const error = new Error("outer", { cause: new RangeError("inner") });
    expect(describeError(error).details).toEqual({ stack: expect.stringMatching(/outer[^]*Caused by: RangeError: inner/) as string });
  });

  test("a circle of causes is left after some rounds", () => {
    const error = new Error("round");
    error.cause = error;
    expect(describeError(error).message).toBe("round");
  });

  test.each<[string, unknown, string]>([
    ["a text", "boom", "boom"],
    ["an empty text", "", "Handler threw ''"],
    ["undefined", undefined, "Handler threw undefined"],
    ["null", null, "Handler threw null"],
    ["a number", 42, "Handler threw 42"],
    ["a symbol", Symbol("s"), "Handler threw Symbol(s)"],
    ["an object", { reason: "x" }, "Handler threw { reason: 'x' }"],
    ["an object without prototype", Object.create(null), "Handler threw [Object: null prototype] {}"],
    ["an error without a message", new TypeError(), "TypeError"],
    ["an error of another realm", runInNewContext("new Error('elsewhere')"), "elsewhere"],
  ])("[trap 36] %s has a message", (_title, value, message) => {
    expect(describeError(value)).toMatchObject({ message });
  });

  test.each<[string, unknown]>([
    ["a proxy that throws at every question", hostile],
    ["an error whose message throws", Object.defineProperty(new Error("x"), "message", { get: () => { throw new Error("no"); } })],
    ["an error whose name cannot be a text", Object.assign(new Error("x"), { name: Object.create(null) as string })],
    ["an error that is a proxy", new Proxy(new Error("x"), { get: () => { throw new Error("get"); } })],
  ])("[trap 36] %s is told in our own words", (_title, value) => {
    expect(describeError(value)).toEqual({ message: "Handler threw a value that cannot be read" });
  });

  test.each(["handler_not_found", "timeout", "cancelled"])("[wire §3.4] an error that calls itself %s is an ordinary failure", (name) => {
    expect(describeError(Object.assign(new Error("x"), { name }))).not.toHaveProperty("type");
  });

  test("[wire §12] long texts are cut, so that an answer can be sent", () => {
    const error = new Error("m".repeat(20_000_000));
    const { message, details } = describeError(error);
    expect(message).toHaveLength(8_193);
    expect(JSON.stringify(details).length).toBeLessThan(20_000);
  });

  test("[wire §5] halves of surrogate pairs are replaced, also where a cut made them", () => {
    expect(describeError("a\ud800b").message).toBe("a\ufffdb");
    expect(describeError("x".repeat(8_191) + "😀").message).toBe(`${"x".repeat(8_191)}\ufffd…`);
  });
});
