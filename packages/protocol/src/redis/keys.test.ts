import { expect, test } from "vitest";
import { channels, DEFAULT_DLQ, DEFAULT_QUEUE, keys } from "./keys.ts";

test.each<[made: string, key: string]>([
  [keys.queue("default"), "rrq:queue:default"],
  [keys.queue("rrq:queue:default"), "rrq:queue:default"],
  [keys.queue(" Mail "), "rrq:queue: Mail "],
  [keys.queue(""), "rrq:queue:"],
  [keys.queue("RRQ:queue:x"), "rrq:queue:RRQ:queue:x"],
  [keys.queue("{mail}"), "rrq:queue:{mail}"],
  [keys.dlq("default"), "rrq:dlq:default"],
  [keys.dlq("rrq:dlq:default"), "rrq:dlq:default"],
  [keys.rateLimit("k"), "rrq:rate_limit:k"],
  [keys.rateLimit("rrq:rate_limit:k"), "rrq:rate_limit:k"],
  [keys.debounce("k"), "rrq:debounce:k"],
  [keys.debounce("rrq:debounce:k"), "rrq:debounce:k"],
  [keys.idempotency("k"), "rrq:idempotency:k"],
  [keys.idempotency("rrq:idempotency:k"), "rrq:idempotency:rrq:idempotency:k"],
  [keys.uniqueLock("k"), "rrq:lock:unique:k"],
  [keys.uniqueLock("rrq:lock:unique:k"), "rrq:lock:unique:rrq:lock:unique:k"],
  [DEFAULT_QUEUE, "rrq:queue:default"],
  [DEFAULT_DLQ, "rrq:dlq:default"],
])("names are made into %s as upstream makes them [redis §1.1] [producer §1]", (made, key) => {
  expect(made).toBe(key);
});

test.each<[made: string, key: string]>([
  [keys.job("j"), "rrq:job:j"],
  [keys.lock("j"), "rrq:lock:job:j"],
  [keys.active("w"), "rrq:active:jobs:w"],
  [keys.events("j"), "rrq:events:job:j"],
  [keys.health("w"), "rrq:health:worker:w"],
])("the catalogue has %s [redis §2]", (made, key) => {
  expect(made).toBe(key);
});

test("nothing of ours is met by upstream's SCAN patterns [redis §8] [design §1]", () => {
  const ours = [keys.workers, keys.unique("k"), keys.cronSlot("e", 1), keys.cronLast("e"), keys.audit];
  const heard = [channels.wake("q"), channels.done("j"), channels.cancel("w")];
  for (const name of [...ours, ...heard]) expect(name).toMatch(/^rrq:ts:/);
  expect(new Set([...ours, ...heard]).size).toBe(ours.length + heard.length);
});

test("a queue wakes on one channel, by its name or by its key", () => {
  expect(channels.wake("rrq:queue:mail")).toBe(channels.wake("mail"));
});
