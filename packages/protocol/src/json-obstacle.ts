import { formatPath } from "./json-path.ts";

/** Why a value cannot become JSON that every peer reads, in words for people. */
export interface Obstacle {
  readonly code: "NOT_JSON" | "TOO_DEEP";
  readonly message: string;
}

interface Level {
  readonly container: object;
  /** Of an object; `null` for an array. */
  readonly keys: readonly string[] | null;
  readonly size: number;
  next: number;
}

/**
 * Looks for the first thing in `value` that `JSON.stringify` refuses, or drops without a word although it is a value:
 * BigInt, a cycle, NaN and the infinities, half of a surrogate pair, nesting over `maxDepth`. It goes the way that
 * `JSON.stringify` goes, `toJSON` included, but without recursion. `null` if there is nothing.
 */
export function findObstacle(value: unknown, what: string, maxDepth: number): Obstacle | null {
  const levels: Level[] = [];
  const path: PropertyKey[] = [];
  const where = (): string => formatPath(what, path);
  let current = unwrap(value, "");
  for (;;) {
    const obstacle = refuseScalar(current, where);
    if (obstacle !== null) return obstacle;
    if (typeof current === "object" && current !== null) {
      const again = levels.findIndex((level) => level.container === current);
      if (again >= 0) {
        const first = formatPath(what, path.slice(0, again));
        return { code: "NOT_JSON", message: `${where()} is ${first} again, a cycle; send an id instead of the object` };
      }
      if (levels.length >= maxDepth) {
        const advice = "make it flatter, or send that part as a string";
        return { code: "TOO_DEEP", message: `${where()} is nested over ${maxDepth} levels, the most that is sent; ${advice}` };
      }
      levels.push(openLevel(current));
    }

    // To the next value, which may be some levels up.
    let level = levels.at(-1);
    while (level !== undefined && level.next >= level.size) {
      levels.pop();
      level = levels.at(-1);
    }
    if (level === undefined) return null;
    path.length = levels.length - 1;
    const key = level.keys?.[level.next] ?? level.next;
    level.next += 1;
    path.push(key);
    if (typeof key === "string" && !key.isWellFormed()) {
      return { code: "NOT_JSON", message: `a key of ${formatPath(what, path.slice(0, -1))} ${HALF_A_PAIR}` };
    }
    current = unwrap((level.container as Record<PropertyKey, unknown>)[key], String(key));
  }
}

const HALF_A_PAIR = "holds half of a surrogate pair, which is no character; clean it with toWellFormed()";

function refuseScalar(value: unknown, where: () => string): Obstacle | null {
  const refuse = (message: string): Obstacle => ({ code: "NOT_JSON", message: `${where()} ${message}` });
  switch (typeof value) {
    case "bigint":
      return refuse("is a BigInt, which JSON cannot hold; send it as a string");
    case "number":
      return Number.isFinite(value) ? null : refuse(`is ${value}, which JSON cannot hold; send null or leave it out`);
    case "string":
      return value.isWellFormed() ? null : refuse(HALF_A_PAIR);
    case "object":
      return isInvalidDate(value) ? refuse("is an invalid Date, which would become null; send null or leave it out") : null;
    default:
      return null;
  }
}

function isInvalidDate(value: unknown): boolean {
  return value instanceof Date && Number.isNaN(value.getTime());
}

/** What `JSON.stringify` takes for `value`; an invalid date stays one. */
function unwrap(value: unknown, key: string): unknown {
  if (isInvalidDate(value)) return value;
  const hasMembers = (typeof value === "object" && value !== null) || typeof value === "bigint";
  const toJson = hasMembers ? (value as { toJSON?: unknown }).toJSON : undefined;
  const plain: unknown = typeof toJson === "function" ? toJson.call(value, key) : value;
  return plain instanceof Number || plain instanceof String || plain instanceof Boolean || plain instanceof BigInt
    ? plain.valueOf()
    : plain;
}

function openLevel(container: object): Level {
  if (Array.isArray(container)) return { container, keys: null, size: container.length, next: 0 };
  const keys = Object.keys(container);
  return { container, keys, size: keys.length, next: 0 };
}
