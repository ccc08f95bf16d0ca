import type { Redis } from "ioredis";

/** Keys looked at in one call, so that Redis serves others in between. */
const PER_CALL = 200;

/** Every key with this prefix, each once, by a SCAN that goes step by step. */
export async function scanKeys(redis: Redis, prefix: string): Promise<readonly string[]> {
  const found = new Set<string>();
  let cursor = "0";
  do {
    const [next, names] = await redis.scan(cursor, "MATCH", `${escapeGlob(prefix)}*`, "COUNT", PER_CALL);
    for (const name of names) found.add(name);
    cursor = next;
  } while (cursor !== "0");
  return [...found].sort();
}

function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\]/g, "\\$&");
}
