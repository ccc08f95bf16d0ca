import { connect } from "@rrq/producer/redis";

/** Removes every RRQ key with `name` in it from a Redis that others use too. */
export async function sweep(dsn: string, name: string): Promise<void> {
  const redis = await connect(dsn, { name: `${name}-sweep`, giveUpAfterMs: 5_000 });
  try {
    let cursor = "0";
    do {
      const [next, found] = await redis.scan(cursor, "MATCH", `rrq:*${name}*`, "COUNT", 1_000);
      if (found.length > 0) await redis.unlink(...found);
      cursor = next;
    } while (cursor !== "0");
  } finally {
    redis.disconnect();
  }
}
