import fc from "fast-check";
import { expect, test } from "vitest";
import { RrqError } from "../errors.ts";
import { parseTimestamp } from "../timestamp.ts";
import { formatTimestamp } from "./format-timestamp.ts";

test.each<[epochMs: number, text: string]>([
  [1_771_061_467_123, "2026-02-14T09:31:07.123+00:00"],
  [1_771_061_467_120, "2026-02-14T09:31:07.120+00:00"],
  [1_771_061_467_000, "2026-02-14T09:31:07+00:00"],
  [1_771_061_467_123.9, "2026-02-14T09:31:07.123+00:00"],
  [0, "1970-01-01T00:00:00+00:00"],
  [-1, "1969-12-31T23:59:59.999+00:00"],
])("%d ms is written %s, as upstream writes it [redis §1]", (epochMs, text) => {
  expect(formatTimestamp(epochMs)).toBe(text);
});

test("every time of the calendar is read back [redis §1]", () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (epochMs) => {
      expect(parseTimestamp(formatTimestamp(epochMs), "strict")).toBe(epochMs);
    }),
  );
});

test.each([NaN, Infinity, -Infinity, 253_402_300_800_000, -62_167_219_200_001])(
  "%d ms cannot be spelt in RFC 3339, and says so",
  (epochMs) => {
    expect(() => formatTimestamp(epochMs)).toThrow(
      expect.toSatisfy((error) => RrqError.is(error, "INVALID_ARGUMENT")),
    );
  },
);
