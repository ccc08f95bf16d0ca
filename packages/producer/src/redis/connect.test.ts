import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { startPrivateRedis } from "@rrq/private-redis";
import { openTestRedis } from "@rrq/private-redis/vitest";
import { RrqError } from "@rrq/protocol";
import type { Redis } from "ioredis";
import { expect, test, vi } from "vitest";
import { connect, type ConnectOptions } from "./connect.ts";
import { openFakeSentinel } from "./testing/fake-sentinel.ts";
import { AUTHORITY_FILE, openTlsFront } from "./testing/tls-front.ts";
import { untilReady } from "./until-ready.ts";

/** A connection that the test closes. */
async function open(dsn: string, options?: ConnectOptions): Promise<AsyncDisposable & { readonly redis: Redis }> {
  const redis = await connect(dsn, options);
  return {
    redis,
    [Symbol.asyncDispose]: async () => {
      if (redis.status === "end") return;
      redis.disconnect();
    },
  };
}

async function refusal(opening: Promise<unknown>): Promise<RrqError> {
  const error: unknown = await opening.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!RrqError.is(error)) throw new Error(`expected an RrqError, got ${inspect(error)}`);
  return error;
}

/** A port on which nobody listens: the server that was there has ended. */
async function deadPort(): Promise<number> {
  await using server = await startPrivateRedis();
  return server.port;
}

test("[config §10] a connection has its database and its name", async () => {
  await using db = await openTestRedis();
  await using link = await open(db.url, { name: "rrq-test" });
  await link.redis.set("x", "1");
  expect(await db.redis.get("x")).toBe("1");
  expect(await link.redis.client("GETNAME")).toBe("rrq-test");
});

test("[producer §2] nobody there: REDIS_UNAVAILABLE when the time is over, naming the address and what to look at", async () => {
  const port = await deadPort();
  const error = await refusal(connect(`redis://:s3cret@127.0.0.1:${port}/0`, { giveUpAfterMs: 200 }));
  expect(error.code).toBe("REDIS_UNAVAILABLE");
  expect(error.message).toContain(`redis://127.0.0.1:${port}/0`);
  expect(error.message).toContain("ECONNREFUSED");
  expect(error.message).toContain("Is it running");
});

test("[design §8] without a limit it waits, telling each failed try, until Redis is there", async () => {
  await using server = await startPrivateRedis();
  await server.kill();
  const troubles: RrqError[] = [];
  const opening = open(server.url, { onTrouble: (error) => troubles.push(error) });
  await vi.waitFor(() => expect(troubles.length).toBeGreaterThan(1));
  await server.restart();
  await using link = await opening;
  expect(await link.redis.ping()).toBe("PONG");
  expect(troubles.every((error) => error.code === "REDIS_UNAVAILABLE")).toBe(true);
});

test("a signal ends the wait", async () => {
  const port = await deadPort();
  const controller = new AbortController();
  const opening = refusal(connect(`redis://127.0.0.1:${port}`, { signal: controller.signal }));
  controller.abort("enough");
  expect(await opening).toMatchObject({ code: "ABORTED", cause: "enough" });
});

test.each([
  ["a wrong password", "redis://:wr0ng@127.0.0.1", "WRONGPASS", "Check user and password"],
  ["no password", "redis://127.0.0.1", "NOAUTH", "redis://:password@host"],
  ["a user without a password", "redis://default@127.0.0.1/3", "NOAUTH", "redis://:password@host"],
  ["a database that is not there", "redis://:s3cret@127.0.0.1/99", "DB index", "Choose a database"],
])("[config §10] [trap 57] %s: REDIS_REFUSED at once, with advice and without the password", async (_title, dsn, text, advice) => {
  await using server = await startPrivateRedis({ args: ["--requirepass", "s3cret"] });
  const url = new URL(dsn);
  url.port = String(server.port);
  const error = await refusal(connect(url.href));
  expect(error.code).toBe("REDIS_REFUSED");
  expect(error.message).toContain(text);
  expect(error.message).toContain(advice);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3cret|wr0ng/);
});

test("[config §10] a right password lets us in", async () => {
  await using server = await startPrivateRedis({ args: ["--requirepass", "p@ss/word"] });
  await using link = await open(`redis://:p%40ss%2Fword@127.0.0.1:${server.port}/2`);
  expect(await link.redis.ping()).toBe("PONG");
});

test("[config §10] after a loss, a refused database is never replaced by database 0", async () => {
  await using server = await startPrivateRedis();
  await using link = await open(`${server.url}/5`);
  await using admin = await open(server.url);
  await admin.redis.acl("SETUSER", "default", "-select");
  const troubled = event(link.redis, "error");
  await admin.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  expect(String(await troubled)).toContain("NOPERM");
  await expect(link.redis.set("x", "lost")).rejects.toThrow();
  await admin.redis.acl("SETUSER", "default", "+select");
  await untilReady(link.redis);
  await link.redis.set("x", "1");
  await admin.redis.select(5);
  expect(await admin.redis.get("x")).toBe("1");
});

test("[design §8] a command under way when the connection breaks is rejected, and not sent again", async () => {
  await using server = await startPrivateRedis({ appendfsync: "always" });
  await using link = await open(server.url);
  await server.kill("SIGSTOP");
  const answer = refusalText(link.redis.incr("x"));
  await server.kill("SIGKILL");
  expect(await answer).toContain("max retries");
  expect(await refusalText(link.redis.incr("x"))).toContain("isn't writeable");
  await server.restart();
  await untilReady(link.redis);
  expect(await link.redis.get("x")).toBe(null);
});

test("[design §2] a server that answers nothing for too long is left and found again", async () => {
  await using server = await startPrivateRedis();
  await using link = await open(server.url, { answerTimeoutMs: 100 });
  await server.kill("SIGSTOP");
  expect(await refusalText(link.redis.get("x"))).toContain("max retries");
  await server.kill("SIGCONT");
  await untilReady(link.redis);
  expect(await link.redis.ping()).toBe("PONG");
});

test("[design §8] a limit holds after a loss as well: then the connection ends", async () => {
  await using server = await startPrivateRedis();
  await using link = await open(server.url, { giveUpAfterMs: 150 });
  const ended = event(link.redis, "end");
  await server.kill();
  await ended;
  const error = await refusal(untilReady(link.redis, { timeoutMs: 10 }));
  expect(error.code).toBe("REDIS_UNAVAILABLE");
});

test("[config §10] a Unix socket, with its database", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rrq-socket-"));
  const path = join(folder, "redis.sock");
  try {
    await using server = await startPrivateRedis({ args: ["--unixsocket", path] });
    await using link = await open(`unix://${path}?db=2`);
    await link.redis.set("x", "1");
    await using tcp = await open(`${server.url}/2`);
    expect(await tcp.redis.get("x")).toBe("1");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("[trap 56] TLS: a certificate of an unknown authority is refused at once, and the error says what to set", async () => {
  await using server = await startPrivateRedis();
  await using front = await openTlsFront(server.port);
  const error = await refusal(connect(`rediss://127.0.0.1:${front.port}`));
  expect(error.code).toBe("REDIS_UNAVAILABLE");
  expect(error.message).toContain("tls_ca_file");
});

test("[trap 56] TLS: an authority of tls_ca_file is believed, by name and by address", async () => {
  await using server = await startPrivateRedis();
  await using front = await openTlsFront(server.port);
  for (const host of ["localhost", "127.0.0.1"]) {
    await using link = await open(`rediss://${host}:${front.port}/0`, { tlsCaFile: AUTHORITY_FILE });
    expect(await link.redis.ping()).toBe("PONG");
  }
});

test("[trap 56] TLS: an authority of the system is believed", async () => {
  await using server = await startPrivateRedis();
  await using front = await openTlsFront(server.port);
  vi.stubEnv("SSL_CERT_FILE", AUTHORITY_FILE);
  try {
    await using link = await open(`rediss://localhost:${front.port}/0`);
    expect(await link.redis.ping()).toBe("PONG");
  } finally {
    vi.unstubAllEnvs();
  }
});

test("[config §10] TLS: a server without it, and a file without certificates, are told as such", async () => {
  await using server = await startPrivateRedis();
  const plain = await refusal(connect(`rediss://127.0.0.1:${server.port}`, { giveUpAfterMs: 200 }));
  expect(plain.message).toContain("Does it speak TLS");
  const missing = await refusal(connect("rediss://h", { tlsCaFile: "/nowhere/ca.pem" }));
  expect(missing).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining("ENOENT") as unknown });
  const empty = await refusal(connect("rediss://h", { tlsCaFile: import.meta.filename }));
  expect(empty).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining("PEM") as unknown });
});

test("[config §10] TLS: a server that wants it is told as such", async () => {
  await using server = await startPrivateRedis();
  await using front = await openTlsFront(server.port);
  const error = await refusal(connect(`redis://127.0.0.1:${front.port}`, { giveUpAfterMs: 200 }));
  expect(error.message).toContain("Does it want TLS");
});

test("[design §8] Sentinel: the master it names, and after a failover the new one", async () => {
  await using first = await startPrivateRedis();
  await using second = await startPrivateRedis();
  await using sentinel = await openFakeSentinel(first.port);
  const dead = await deadPort();
  await using link = await open(`redis+sentinel://127.0.0.1:${dead},127.0.0.1:${sentinel.port}/mail/1`);
  await link.redis.set("x", "first");
  sentinel.master = second.port;
  const closed = event(link.redis, "close");
  await first.kill();
  await closed;
  await untilReady(link.redis);
  expect(await link.redis.get("x")).toBe(null);
  expect(link.redis.stream.remotePort).toBe(second.port);
});

test("[design §8] Sentinel: a master that became a replica is left for the new one", async () => {
  await using first = await startPrivateRedis();
  await using second = await startPrivateRedis();
  await using sentinel = await openFakeSentinel(first.port);
  await using link = await open(`redis+sentinel://127.0.0.1:${sentinel.port}/mail`);
  sentinel.master = second.port;
  await using admin = await open(first.url);
  await admin.redis.replicaof("127.0.0.1", String(second.port));
  const closed = event(link.redis, "close");
  expect(await refusalText(link.redis.set("x", "1"))).toContain("READONLY");
  await closed;
  await untilReady(link.redis);
  expect(link.redis.stream.remotePort).toBe(second.port);
});

test("[design §8] Sentinels that cannot be reached: REDIS_UNAVAILABLE when the time is over", async () => {
  const error = await refusal(connect(`redis+sentinel://127.0.0.1:${await deadPort()}/mail`, { giveUpAfterMs: 200 }));
  expect(error.code).toBe("REDIS_UNAVAILABLE");
  expect(error.message).toContain("redis+sentinel://127.0.0.1");
});

/** `once` of Node would take an `error` event for its own. */
function event(redis: Redis, name: string): Promise<unknown> {
  return new Promise((resolve) => redis.once(name, resolve));
}

async function refusalText(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => "answered",
    (error: unknown) => String(error),
  );
}
