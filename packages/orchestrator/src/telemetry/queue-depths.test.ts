import { ManualClock } from "@rrq/protocol/runtime";
import type { Redis } from "ioredis";
import { expect, test, vi } from "vitest";
import { NOW, openStore, QUEUE } from "../testing/open-store.ts";
import { readQueueDepths } from "./queue-depths.ts";

test("[telemetry §8] the jobs that wait in each queue, without a queue that is none", async () => {
  await using store = await openStore();
  await store.enqueue("now");
  await store.enqueue("later", {}, NOW + 60_000);
  await store.redis.set("rrq:queue:text", "of another type");
  const depths = await readQueueDepths(store.redis, [QUEUE, "rrq:queue:empty", "rrq:queue:text"], store.clock);
  expect([...depths].sort()).toEqual([[QUEUE, 2], ["rrq:queue:empty", 0]]);
});

test("[telemetry §8] a Redis that does not answer holds nobody up for more than a second", async () => {
  const clock = new ManualClock();
  const silent = { zcard: () => new Promise(() => undefined) } as unknown as Redis;
  const reading = readQueueDepths(silent, [QUEUE], clock);
  await vi.waitFor(() => expect(clock.pending).toBe(1), { interval: 1 });
  await clock.advance(1_000);
  expect((await reading).size).toBe(0);
});
