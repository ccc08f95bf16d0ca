import { startPrivateRedis } from "../private-redis.ts";

/** A program that starts a Redis, says where, and waits to be ended. Run by the tests. */
const server = await startPrivateRedis();
process.stdout.write(`${JSON.stringify({ pid: server.pid, port: server.port })}\n`);
process.stdin.resume();
