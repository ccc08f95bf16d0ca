import { z } from "zod";
import { writeText } from "./describe-value.ts";
import { nearestWord } from "./nearest-word.ts";
import { cronJobShape } from "./schema.ts";

/** A value that `schema` takes and that `value`, which it refuses, was probably meant to be, as a sentence; or nothing. */
export function likelyIntention(value: unknown, schema: z.ZodType): string | undefined {
  for (const candidate of candidates(value, schema)) {
    if (candidate !== undefined && schema.safeParse(candidate).success) return `Write ${writeToml(candidate)}.`;
  }
  return undefined;
}

function* candidates(value: unknown, schema: z.ZodType): Generator {
  if (typeof value === "number" && Number.isInteger(value)) yield BigInt(value);
  if (typeof value === "bigint" || typeof value === "boolean") yield String(value);
  if (Array.isArray(value) && value.length === 1) yield value[0];
  if (typeof value !== "string") return;
  const text = value.trim().replaceAll("_", "");
  if (/^(true|yes|on|1)$/i.test(text)) yield true;
  if (/^(false|no|off|0)$/i.test(text)) yield false;
  if (/^[+-]?\d+$/.test(text)) yield BigInt(text);
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) yield Number(text);
  if (schema instanceof z.ZodEnum) yield nearestWord(value, schema.options.map(String));
  if (schema === cronJobShape.timezone) yield nearestWord(value, Intl.supportedValuesOf("timeZone"));
  const words = value.trim().split(/\s+/);
  yield words;
  yield [words];
}

function writeToml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeToml).join(", ")}]`;
  return typeof value === "string" ? writeText(value) : String(value);
}
