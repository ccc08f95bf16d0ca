import { expect, test } from "vitest";
import { type ProcessStatus, type RunnerStatus, statusOf } from "./runner-status.ts";

const one = (state: ProcessStatus["state"], freeSlots = 0, inFlight = 0): ProcessStatus => ({
  state,
  pid: null,
  address: null,
  freeSlots,
  inFlight,
  stuck: 0,
  restarts: 0,
  lastError: null,
});

test.each<[ProcessStatus[], Partial<RunnerStatus>]>([
  [[one("ready", 2, 2), one("ready", 4)], { health: "up", freeSlots: 6, inFlight: 2 }],
  [[one("ready", 0, 4)], { health: "up", freeSlots: 0, inFlight: 4 }],
  [[one("ready", 4), one("waiting")], { health: "degraded", freeSlots: 4 }],
  [[one("ready", 4), one("draining", 0, 3)], { health: "degraded", freeSlots: 4, inFlight: 3 }],
  [[one("starting")], { health: "down" }],
  [[one("broken"), one("waiting")], { health: "down", freeSlots: 0 }],
  [[one("closed")], { health: "down" }],
])("[trap 19, trap 21] %j", (processes, expected) => {
  expect(statusOf({ name: "main", mode: "managed", slots: 8 }, processes)).toMatchObject({ ...expected, name: "main", slots: 8 });
});
