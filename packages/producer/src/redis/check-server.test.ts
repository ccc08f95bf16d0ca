import { RrqError } from "@rrq/protocol";
import { expect, test } from "vitest";
import { checkServer } from "./check-server.ts";

const saying = (info: string) => ({ info: async () => info });

test.each([
  ["Redis 6.2", "redis_version:6.2.0\r\n"],
  ["Redis 7", "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n"],
  ["Redis 10", "redis_version:10.0.0\r\n"],
  ["Valkey", "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n"],
  ["a server that does not say", "os:Linux\r\n"],
])("[design §8] %s will do", async (_title, info) => {
  await expect(checkServer(saying(info), "Redis")).resolves.toBeUndefined();
});

test.each(["6.0.16", "5.0.14", "2.8.0"])("[design §8] Redis %s is too old, and the error says what is needed", async (version) => {
  const error: unknown = await checkServer(saying(`redis_version:${version}\r\n`), "redis://h:6379/0").catch((caught: unknown) => caught);
  expect(RrqError.is(error, "REDIS_UNSUPPORTED")).toBe(true);
  expect(String(error)).toContain(`redis://h:6379/0 is Redis ${version}; RRQ needs 6.2`);
});
