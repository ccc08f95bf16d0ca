import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { jobFields } from "./job-fields.ts";
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

test("the README lists each key, channel and field of ours [design §8]", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const listed = [...readme.matchAll(/^\| `(rrq:ts:[^`]*)` \|/gm)].map(([, name = ""]) => name.replace(/<[^>]*>/g, "1")).sort();
  const ours = [keys.workers, keys.unique("1"), keys.cronSlot("1", 1), keys.cronLast("1"), keys.audit];
  const heard = [channels.wake("1"), channels.done("1"), channels.cancel("1")];
  expect(listed).toStrictEqual([...ours, ...heard].sort());

  const names: string[] = Object.values(jobFields);
  const own = names.slice(names.indexOf(jobFields.fence));
  const table = readme.slice(readme.indexOf("| field of `rrq:job:<id>` |"), readme.indexOf("They live as long"));
  expect([...table.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name).sort()).toStrictEqual(own.sort());
});
