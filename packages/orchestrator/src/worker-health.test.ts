import { describe, expect, test } from "vitest";
import { type HealthView, workerHealth } from "./worker-health.ts";

const own = { execute: () => expect.fail("not asked to"), close: async () => {} };
const well: HealthView = {
  workerId: "w",
  stopping: false,
  redis: { status: "ready" },
  sinceRenewalMs: 5_000,
  leaseMs: 15_000,
  runners: new Map([["main", own]]),
};

describe("[design §2] the health of a worker", () => {
  test("that is well", () => {
    expect(workerHealth(well)).toEqual({ workerId: "w", phase: "running", redis: "up", runners: [{ name: "main", health: "up" }] });
  });

  test.each<[string, Partial<HealthView>, object]>([
    ["stops", { stopping: true }, { phase: "stopping" }],
    ["has lost its connection", { redis: { status: "reconnecting" } }, { redis: "away" }],
    ["has a connection on which nothing is answered", { sinceRenewalMs: 15_000 }, { redis: "away" }],
  ])("that %s", (_title, change, expected) => {
    expect(workerHealth({ ...well, ...change })).toMatchObject(expected);
  });
});
