import { ManualClock } from "@rrq/protocol/runtime";
import { expect, test } from "vitest";
import { Alarm } from "./alarm.ts";

function openAlarm() {
  const clock = new ManualClock(1_000);
  const rings: number[] = [];
  const alarm = new Alarm(clock, () => rings.push(clock.monotonic()));
  return { clock, rings, alarm };
}

test("many deadlines have one timer, which rings at the earliest", async () => {
  const { clock, rings, alarm } = openAlarm();
  for (const at of [300, 100, 200, 100, Infinity]) alarm.noLaterThan(at);
  expect(clock.pending).toBe(1);
  await clock.advance(1_000);
  expect(rings).toEqual([100]);
  expect(clock.pending).toBe(0);
});

test("once it rang it can be asked again, also for what is overdue", async () => {
  const { clock, rings, alarm } = openAlarm();
  alarm.noLaterThan(100);
  await clock.advance(100);
  alarm.noLaterThan(50);
  await clock.advance(0);
  expect(rings).toEqual([100, 100]);
});

test("it never rings early for a fraction of a millisecond", async () => {
  const { clock, rings, alarm } = openAlarm();
  alarm.noLaterThan(99.2);
  await clock.advance(99);
  expect(rings).toEqual([]);
  await clock.advance(1);
  expect(rings).toEqual([100]);
});

test("stopped, it leaves no timer and does not ring; it can be asked again", async () => {
  const { clock, rings, alarm } = openAlarm();
  alarm.noLaterThan(100);
  alarm.stop();
  expect(clock.pending).toBe(0);
  alarm.noLaterThan(200);
  await clock.advance(200);
  expect(rings).toEqual([200]);
});
