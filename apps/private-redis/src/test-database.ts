import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** A database that nobody else uses until it is disposed of; empty at first. */
export interface TestDatabase extends AsyncDisposable {
  /** `redis://…/<number>` */
  readonly url: string;
  /** A connection to it, for the test itself. */
  readonly redis: Redis;
}

/** Database 0 holds the book-keeping and is given to nobody. */
const leaseKey = (database: number): string => `rrq:test:lease:${database}`;
/** SET: databases that we wrote to and did not empty again. */
const USED = "rrq:test:used";
/** No test file lasts this long; on a server that outlives a killed test run, the database is free again then. */
const LEASE_SECONDS = 3_600;
/** While every database is leased, how often we look again, and for how long. */
const LOOK_AGAIN_MS = 50;
const PATIENCE_MS = 60_000;

/**
 * Leases a database of the server at `serverUrl`. One that holds something we did not write is left alone,
 * so that a server of the user's own loses nothing.
 */
export async function openTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const books = new Redis(withDatabase(serverUrl, 0), { lazyConnect: true });
  try {
    await books.connect();
    const owner = randomUUID();
    const database = await lease(books, owner);
    const url = withDatabase(serverUrl, database);
    const redis = new Redis(url);
    await redis.flushdb();
    return {
      url,
      redis,
      [Symbol.asyncDispose]: async () => {
        await books.multi().select(database).flushdb().select(0).srem(USED, database).del(leaseKey(database)).exec();
        redis.disconnect();
        books.disconnect();
      },
    };
  } catch (error) {
    books.disconnect();
    throw error;
  }
}

async function lease(books: Redis, owner: string): Promise<number> {
  const count = await databaseCount(books);
  const giveUpAt = performance.now() + PATIENCE_MS;
  // Each starts somewhere else, so that many at once do not all try the same ones.
  const start = Math.floor(Math.random() * (count - 1));
  while (performance.now() < giveUpAt) {
    for (let step = 0; step < count - 1; step++) {
      const database = 1 + ((start + step) % (count - 1));
      if (await tryLease(books, database, owner)) return database;
    }
    await sleep(LOOK_AGAIN_MS);
  }
  throw new Error(`no free database among the ${count - 1} after 0: they are leased, or hold something that is not ours`);
}

async function tryLease(books: Redis, database: number, owner: string): Promise<boolean> {
  if ((await books.set(leaseKey(database), owner, "EX", LEASE_SECONDS, "NX")) === null) return false;
  const replies = await books.multi().select(database).dbsize().select(0).sismember(USED, database).exec();
  const [size, isOurs] = [replies?.[1]?.[1], replies?.[3]?.[1]];
  if (size === 0 || isOurs === 1) {
    await books.sadd(USED, database);
    return true;
  }
  await books.del(leaseKey(database));
  return false;
}

async function databaseCount(redis: Redis): Promise<number> {
  const [, count] = await redis.config("GET", "databases");
  return Number(count);
}

function withDatabase(serverUrl: string, database: number): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
