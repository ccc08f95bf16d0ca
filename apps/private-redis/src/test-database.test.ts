import { Redis } from "ioredis";
import { expect, inject, onTestFinished, test } from "vitest";
import { startPrivateRedis } from "./private-redis.ts";
import { openTestDatabase } from "./test-database.ts";
import { openTestRedis } from "./vitest.ts";

/** A server with this many databases to lease, and a connection to its database 0. */
async function smallServer(leasable: number): Promise<{ url: string; books: Redis }> {
  const server = await startPrivateRedis({ databases: leasable + 1 });
  const books = new Redis(server.url);
  onTestFinished(async () => {
    books.disconnect();
    await server[Symbol.asyncDispose]();
  });
  return { url: server.url, books };
}

test("test files that run at the same time never share a database", async () => {
  const databases = await Promise.all(Array.from({ length: 20 }, () => openTestRedis()));
  onTestFinished(async () => {
    await Promise.all(databases.map((database) => database[Symbol.asyncDispose]()));
  });
  expect(new Set(databases.map(({ url }) => url)).size).toBe(20);
  expect(databases.map(({ url }) => new URL(url).pathname)).not.toContain("/0");
  await Promise.all(databases.map(({ redis, url }) => redis.set("mine", url)));
  for (const { redis, url } of databases) expect(await redis.get("mine")).toBe(url);
});

test("a lease counts on the whole server, also for a process with a copy of this module", async () => {
  const { url, books } = await smallServer(1);
  await books.set("rrq:test:lease:1", "another process");
  const waiting = openTestDatabase(url);
  expect(await Promise.race([waiting, books.ping()])).toBe("PONG");
  await books.del("rrq:test:lease:1");
  await using database = await waiting;
  expect(database.url).toBe(`${url}/1`);
});

test("a released database is empty, and given to the next", async () => {
  const { url, books } = await smallServer(1);
  const first = await openTestDatabase(url);
  await first.redis.set("left", "behind");
  await first[Symbol.asyncDispose]();
  expect(await books.keys("*")).toEqual([]);
  await using second = await openTestDatabase(url);
  expect(second.url).toBe(first.url);
  expect(await second.redis.dbsize()).toBe(0);
});

test("what a killed test run left is emptied once its lease is over", async () => {
  const { url, books } = await smallServer(1);
  const killed = await openTestDatabase(url);
  onTestFinished(() => killed[Symbol.asyncDispose]());
  await killed.redis.set("left", "behind");
  await books.del("rrq:test:lease:1"); // as when its time is up
  await using next = await openTestDatabase(url);
  expect(await next.redis.dbsize()).toBe(0);
});

test("a database with something of the user's own is left alone", async () => {
  const { url, books } = await smallServer(2);
  await books.multi().select(1).set("precious", "1").select(0).exec();
  await using database = await openTestDatabase(url);
  expect(database.url).toBe(`${url}/2`);
  expect(await books.select(1)).toBe("OK");
  expect(await books.get("precious")).toBe("1");
});

test("a password and a query in the DSN are kept", async () => {
  const { url, books } = await smallServer(1);
  await books.config("SET", "requirepass", "s:e/cret");
  const dsn = `${url.replace("redis://", "redis://:s%3Ae%2Fcret@")}?family=4`;
  await using database = await openTestDatabase(dsn);
  expect(database.url).toBe(dsn.replace("?", "/1?"));
  expect(await database.redis.ping()).toBe("PONG");
});

test("vitest's setup provides the server's URL", () => {
  expect(inject("redisUrl")).toMatch(/^redis:\/\//);
});
