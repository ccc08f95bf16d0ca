import { expect, test } from "vitest";
import { openTestRedis } from "./vitest.ts";
test("x", async () => {
  await using a = await openTestRedis();
  await using b = await openTestRedis();
  expect(a.url).not.toBe(b.url);
  await a.redis.set("x", "1");
  expect(await b.redis.get("x")).toBe(null);
});
