/** One field of a schedule: its name in errors, its range, and the words that stand for numbers. */
export interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words: ReadonlyMap<string, number>;
  /** Whether `?` stands for `*`. */
  readonly questionMark: boolean;
}

const NO_WORDS: ReadonlyMap<string, number> = new Map();

function numbered(words: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  return new Map(words.flatMap((names, index) => names.map((name) => [name, index + 1] as const)));
}

const MONTHS = numbered([
  ["jan", "january"],
  ["feb", "february"],
  ["mar", "march"],
  ["apr", "april"],
  ["may"],
  ["jun", "june"],
  ["jul", "july"],
  ["aug", "august"],
  ["sep", "september"],
  ["oct", "october"],
  ["nov", "november"],
  ["dec", "december"],
]);

const DAYS = numbered([
  ["sun", "sunday"],
  ["mon", "monday"],
  ["tue", "tues", "tuesday"],
  ["wed", "wednesday"],
  ["thu", "thurs", "thursday"],
  ["fri", "friday"],
  ["sat", "saturday"],
]);

/** The fields in their order; the last may be left out. */
export const CRON_FIELDS: readonly CronField[] = [
  { name: "second", min: 0, max: 59, words: NO_WORDS, questionMark: false },
  { name: "minute", min: 0, max: 59, words: NO_WORDS, questionMark: false },
  { name: "hour", min: 0, max: 23, words: NO_WORDS, questionMark: false },
  { name: "day of month", min: 1, max: 31, words: NO_WORDS, questionMark: true },
  { name: "month", min: 1, max: 12, words: MONTHS, questionMark: false },
  { name: "day of week", min: 1, max: 7, words: DAYS, questionMark: true },
  { name: "year", min: 1970, max: 2100, words: NO_WORDS, questionMark: false },
];

/** Why a field cannot be read, for the reader of an `rrq.toml`. */
export class CronFieldError extends Error {}

/** The values that the text of a field stands for, ascending; `"*"` for all. Throws {@link CronFieldError}. */
export function parseCronField(text: string, field: CronField): "*" | readonly number[] {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const found = parseItem(item.trim(), field);
    if (found === "*") return "*";
    for (const value of found) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function parseItem(item: string, field: CronField): "*" | readonly number[] {
  const [base = "", step, ...more] = item.split("/").map((part) => part.trim());
  if (more.length > 0) throw wrong(field, item, "it has more than one '/'");
  const isAll = base === "*" || (base === "?" && field.questionMark);
  if (step === undefined) {
    if (isAll) return "*";
    const { from, to } = parseRange(base, field);
    return range(from, to, 1);
  }
  if (!/^\d+$/.test(step) || Number(step) === 0 || Number(step) > field.max) {
    throw wrong(field, item, `its step must be 1 to ${field.max}`);
  }
  if (isAll) return range(field.min, field.max, Number(step));
  const { from, to, single } = parseRange(base, field);
  if (single && !/^\d+$/.test(base)) throw wrong(field, item, "a step after a single name has no meaning");
  return range(from, single ? field.max : to, Number(step));
}

function parseRange(text: string, field: CronField): { from: number; to: number; single: boolean } {
  const [first = "", last, ...more] = text.split("-").map((part) => part.trim());
  if (more.length > 0) throw wrong(field, text, "it has more than one '-'");
  const from = parseValue(first, field, text);
  if (last === undefined) return { from, to: from, single: true };
  if (/^\d/.test(first) !== /^\d/.test(last)) throw wrong(field, text, "a range is of two numbers or of two names");
  const to = parseValue(last, field, text);
  if (to < from) throw wrong(field, text, "a range goes upwards; write two items for one that wraps around");
  return { from, to, single: false };
}

function parseValue(text: string, field: CronField, item: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : field.words.get(text.toLowerCase());
  if (value === undefined || value < field.min || value > field.max) {
    const names = field.words.size === 0 ? "" : `, or a name such as ${[...field.words.keys()][0] ?? ""}`;
    throw wrong(field, item, `it takes ${field.min} to ${field.max}${names}`);
  }
  return value;
}

function range(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

function wrong(field: CronField, item: string, why: string): CronFieldError {
  return new CronFieldError(`${field.name} '${item}': ${why}`);
}
