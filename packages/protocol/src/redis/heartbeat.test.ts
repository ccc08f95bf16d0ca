import fc from "fast-check";
import { expect, test } from "vitest";
import { formatHeartbeat, type Heartbeat, readHeartbeat } from "./heartbeat.ts";

const heartbeat: Heartbeat = {
  workerId: "rrq_worker_4711_9f3a1c",
  status: "polling",
  queues: ["rrq:queue:default"],
  activeJobs: 3,
  concurrencyLimit: 8,
  at: Date.parse("2026-02-14T09:31:07.123Z"),
  runners: { python: { slots: 8, busy: 3 } },
  rates: { "rrq:queue:default": 12.5 },
};

test("a heartbeat has upstream's six members, and ours beside them [redis §4.11] [design §8]", () => {
  expect(JSON.parse(formatHeartbeat(heartbeat))).toStrictEqual({
    active_jobs: 3,
    concurrency_limit: 8,
    queues: ["rrq:queue:default"],
    status: "polling",
    timestamp: "2026-02-14T09:31:07.123+00:00",
    worker_id: "rrq_worker_4711_9f3a1c",
    runners: { python: { slots: 8, busy: 3 } },
    rates: { "rrq:queue:default": 12.5 },
  });
});

test("our heartbeat is read back", () => {
  expect(readHeartbeat(formatHeartbeat(heartbeat))).toStrictEqual(heartbeat);
});

test("upstream's heartbeat says nothing of runners and rates [redis §4.11]", () => {
  const upstreams =
    '{"active_jobs":3,"concurrency_limit":8,"queues":["rrq:queue:default"],"status":"polling","timestamp":"2026-02-14T09:31:07.123456789+00:00","worker_id":"rrq_worker_4711_9f3a1c"}';
  expect(readHeartbeat(upstreams)).toStrictEqual({ ...heartbeat, runners: null, rates: null });
});

test("the synthetic workers of upstream's debug command have epoch seconds [redis §4.11]", () => {
  expect(readHeartbeat('{"timestamp":1767225600}').at).toBe(1_767_225_600_000);
});

test.each(["", "x", "[]", "null", "3"])("%s, which is no object, tells nothing [redis §4.11]", (text) => {
  expect(Object.values(readHeartbeat(text))).toStrictEqual(Array.from({ length: 8 }, () => null));
});

test("members of another type are left out, and never throw", () => {
  const bad = '{"worker_id":1,"queues":["a",1],"active_jobs":"3","timestamp":"x","runners":{"a":{"slots":1},"b":{"slots":1,"busy":0},"c":7},"rates":[]}';
  expect(readHeartbeat(bad)).toStrictEqual({
    ...{ workerId: null, status: null, queues: ["a"], activeJobs: null, concurrencyLimit: null, at: null, rates: null },
    runners: { b: { slots: 1, busy: 0 } },
  });
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void readHeartbeat(text)));
});
