import { expect, test } from "vitest";
import { orchestratorFigures } from "./orchestrator-figures.ts";
import { workerTraffic } from "./worker-traffic.ts";

test("[trap 30] after 2,000 jobs an idle worker with one queue calls Redis at most twice a second", { timeout: 120_000 }, async () => {
  const traffic = await workerTraffic({ jobs: 2_000, idleSeconds: 10 });
  expect(traffic.callsPerSecond, JSON.stringify(traffic)).toBeLessThanOrEqual(2);
  expect(traffic.callsPerSecond).toBeGreaterThan(0); // it is there, and its lease is renewed
});

test("[design §4] 20,000 jobs leave nothing in memory; closed, nothing keeps the process alive", { timeout: 180_000 }, async () => {
  const { heapBefore, heapAfter, left } = await orchestratorFigures({ jobs: 20_000 });
  expect(left).toEqual([]);
  expect(heapAfter / heapBefore).toBeLessThan(1.05);
});
