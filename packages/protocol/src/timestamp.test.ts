import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTimestamp, parseTimestamp } from "./timestamp.ts";

const noon = Date.UTC(2024, 0, 1, 12);

describe("[wire §7] what is a time", () => {
  test.each<[text: string, lenient: number | null, strict: number | null]>([
    ["2024-01-01T12:00:00Z", noon, noon],
    ["2024-01-01T12:00:00.1Z", noon + 100, noon + 100],
    ["2024-01-01T12:00:00.123456789Z", noon + 123, noon + 123],
    ["2024-01-01T12:00:00.9999999999999999Z", noon + 999, noon + 999],
    ["2024-01-01T14:00:00+02:00", noon, noon],
    ["2024-01-01T11:30:00-00:30", noon, noon],
    ["2024-01-01T12:00:00-00:00", noon, noon],
    ["2024-01-01T12:00:00.5+00:00", noon + 500, noon + 500],
    ["2024-01-01T12:00:00+0000", noon, null],
    ["2024-01-01T14:00:00+0200", noon, null],
    ["2024-01-01t12:00:00z", noon, noon],
    ["2024-01-01 12:00:00Z", noon, noon],
    ["2024-01-01T11:59:60Z", noon, noon],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29), Date.UTC(2024, 1, 29)],
    ["2000-02-29T00:00:00Z", Date.UTC(2000, 1, 29), Date.UTC(2000, 1, 29)],
    ["1900-02-29T00:00:00Z", null, null],
    ["0001-01-01T00:00:00Z", -62_135_596_800_000, -62_135_596_800_000],
    ["9999-12-31T23:59:59.999Z", 253_402_300_799_999, 253_402_300_799_999],
    ["1969-12-31T23:59:59.001Z", -999, -999],
    ["2024-01-01T12:00:00", null, null],
    ["2024-01-01T12:00Z", null, null],
    ["2024-01-01", null, null],
    ["2024-01-01T12:00:00.Z", null, null],
    ["2024-01-01T12:00:00+02", null, null],
    ["2024-01-01T12:00:61Z", null, null],
    ["2024-01-01T24:00:00Z", null, null],
    ["2024-01-01T12:60:00Z", null, null],
    ["2024-13-01T12:00:00Z", null, null],
    ["2024-00-01T12:00:00Z", null, null],
    ["2023-02-29T12:00:00Z", null, null],
    ["2024-04-31T12:00:00Z", null, null],
    ["2024-01-00T12:00:00Z", null, null],
    ["2024-01-01T12:00:00+24:00", null, null],
    ["2024-01-01T12:00:00+01:60", null, null],
    ["24-01-01T12:00:00Z", null, null],
    [" 2024-01-01T12:00:00Z", null, null],
    ["2024-01-01T12:00:00Z\n", null, null],
    ["1704110400000", null, null],
    ["", null, null],
  ])("%j", (text, lenient, strict) => {
    expect(parseTimestamp(text)).toBe(lenient);
    expect(parseTimestamp(text, "strict")).toBe(strict);
    expect(isTimestamp(text)).toBe(lenient !== null);
    expect(isTimestamp(text, "strict")).toBe(strict !== null);
  });

  test("every time that JavaScript writes is read back to the millisecond", () => {
    const times = fc.date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true });
    fc.assert(
      fc.property(times, (date) => {
        expect(parseTimestamp(date.toISOString(), "strict")).toBe(date.getTime());
      }),
    );
  });
});
