import { startPrivateRedis } from "@rrq/private-redis";
import { openTestRedis } from "@rrq/private-redis/vitest";
import { RrqError } from "@rrq/protocol";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { connect } from "./connect.ts";
import { defineBatchScript, defineScript, type LuaFunction } from "./define-script.ts";

const move = defineScript({
  name: "move",
  keys: ["from", "to"],
  args: ["amount"],
  lua: `
    redis.call("DECRBY", from, amount)
    return redis.call("INCRBY", to, amount)
  `,
  reply: (raw) => raw as number,
});

const double: LuaFunction = { name: "double", source: "local function double(value) return value * 2 end" };
const quadruple: LuaFunction = {
  name: "quadruple",
  source: "local function quadruple(value) return double(double(value)) end",
  uses: [double],
};

/** Counts up each key by four times its step, and remembers the last of them in `total`. */
const countUp = defineBatchScript({
  name: "count-up",
  keys: ["total"],
  args: ["bonus"],
  uses: [quadruple, double],
  each: { keys: ["counter", "mirror"], args: ["step"] },
  lua: `
    local now = redis.call("INCRBY", counter, quadruple(step) + bonus)
    redis.call("SET", mirror, now)
    return now
  `,
  after: `redis.call("INCR", total)`,
  reply: (raw) => Number(raw),
});

function counters(...names: string[]) {
  return names.map((name, index) => ({ counter: name, mirror: `${name}:mirror`, step: index + 1 }));
}

test("[redis §4] keys and arguments reach the script by their names", async () => {
  await using db = await openTestRedis();
  expect(await move.run(db.redis, { amount: 3, to: "b", from: "a" })).toBe(3);
  expect(await db.redis.mget("a", "b")).toEqual(["-3", "3"]);
});

test("[design §8] a batch does the same to each, in order, and something at the end", async () => {
  await using db = await openTestRedis();
  const replies = await countUp.run(db.redis, { total: "total", bonus: 1 }, counters("a", "b", "c"));
  expect(replies).toEqual([5, 9, 13]);
  expect(await db.redis.mget("a", "b:mirror", "c", "total")).toEqual(["5", "9", "13", "1"]);
});

test("[design §8] a batch of none asks Redis nothing", async () => {
  await using db = await openTestRedis();
  expect(await countUp.run(db.redis, { total: "total", bonus: 0 }, [])).toEqual([]);
  expect(await db.redis.exists("total")).toBe(0);
});

test("[design §2] one key of another type fails that one of a batch, and nothing beside it", async () => {
  await using db = await openTestRedis();
  await db.redis.lpush("b", "x");
  const [first, second, third] = await countUp.run(db.redis, { total: "total", bonus: 0 }, counters("a", "b", "c"));
  expect([first, third]).toEqual([4, 12]);
  expect(second).toMatchObject({ name: "RrqError", code: "WRONG_TYPE" });
});

test("[design §2] whatever Lua throws for one of a batch is that one's error", async () => {
  await using db = await openTestRedis();
  const picky = defineBatchScript({
    name: "picky",
    keys: [],
    args: [],
    each: { keys: [], args: ["what"] },
    lua: `
      if what == "text" then error("WRONGTYPE rrq:queue:x is a list, not a zset", 0) end
      if what == "table" then error({ err = "ERR as a table" }) end
      return what
    `,
    reply: (raw) => String(raw),
  });
  const replies = await picky.run(db.redis, {}, [{ what: "text" }, { what: "fine" }, { what: "table" }]);
  expect(replies).toEqual([
    expect.objectContaining({ code: "WRONG_TYPE", message: expect.stringContaining("rrq:queue:x") as unknown }),
    "fine",
    expect.objectContaining({ code: "REDIS_REFUSED", message: expect.stringContaining("ERR as a table") as unknown }),
  ]);
});

test("[redis §4] a key of another type is WRONG_TYPE", async () => {
  await using db = await openTestRedis();
  await db.redis.lpush("a", "x");
  await expect(move.run(db.redis, { from: "a", to: "b", amount: 1 })).rejects.toMatchObject({ code: "WRONG_TYPE" });
});

test("[design §7] no error carries the arguments of the call", async () => {
  await using db = await openTestRedis();
  const error: unknown = await move.run(db.redis, { from: "a", to: "b", amount: "s3cret" }).catch((caught: unknown) => caught);
  expect(RrqError.is(error, "REDIS_REFUSED")).toBe(true);
  expect((error as Error).cause).toBeUndefined();
  expect(Object.keys(error as Error).sort()).toEqual(["code", "name"]);
});

test("[producer §2] scripts that the server forgot are sent again, in the midst of other calls", async () => {
  await using server = await startPrivateRedis();
  const redis = new Redis(server.url);
  try {
    const calls = Array.from({ length: 300 }, (_, index) => {
      if (index % 20 === 0) void redis.script("FLUSH");
      return move.run(redis, { from: "a", to: "b", amount: 1 });
    });
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  } finally {
    redis.disconnect();
  }
});

test("[trap 5] a server out of memory: REDIS_REFUSED for every write, and nothing changed", async () => {
  await using server = await startPrivateRedis({ args: ["--maxmemory-policy", "noeviction"] });
  const redis = await connect(server.url);
  try {
    await countUp.run(redis, { total: "total", bonus: 0 }, counters("a"));
    await redis.config("SET", "maxmemory", "1");
    const replies = await countUp.run(redis, { total: "b", bonus: 0 }, counters("a", "c")).catch((error: unknown) => [error, error]);
    expect(replies).toMatchObject([
      { code: "REDIS_REFUSED", message: expect.stringContaining("OOM") as unknown },
      { code: "REDIS_REFUSED" },
    ]);
    expect(await redis.mget("a", "c")).toEqual(["4", null]);
  } finally {
    redis.disconnect();
  }
});

test("[design §8] a replica's refusal fails the whole batch, so that the client looks for the master", async () => {
  await using master = await startPrivateRedis();
  await using replica = await startPrivateRedis();
  const redis = new Redis(replica.url);
  try {
    await redis.replicaof("127.0.0.1", String(master.port));
    const error: unknown = await countUp.run(redis, { total: "total", bonus: 0 }, counters("a", "b")).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "REDIS_REFUSED", message: expect.stringContaining("READONLY") as unknown });
  } finally {
    redis.disconnect();
  }
});

test("[design §8] a connection that is not there is REDIS_UNAVAILABLE", async () => {
  await using server = await startPrivateRedis();
  const redis = await connect(server.url);
  redis.disconnect();
  await expect(move.run(redis, { from: "a", to: "b", amount: 1 })).rejects.toMatchObject({ code: "REDIS_UNAVAILABLE" });
});
