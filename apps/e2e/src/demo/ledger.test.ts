import { describe, expect, test } from "vitest";
import { type LedgerEntry, toLedger } from "./ledger.ts";

const entry = (change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  functionName: "hash-file",
  status: "COMPLETED",
  attempts: 1,
  tookMs: 10,
  ...change,
});

describe("the ledger of the demo", () => {
  test.each<[string, readonly LedgerEntry[], boolean]>([
    ["balances when every job ended", [entry(), entry({ status: "FAILED" }), entry({ status: "CANCELLED" })], true],
    ["does not while a job waits", [entry(), entry({ status: "PENDING" })], false],
    ["does not while a job runs", [entry(), entry({ status: "ACTIVE" })], false],
    ["does not if a job is gone", [entry(), entry({ status: null })], false],
  ])("%s", (_title, entries, balances) => {
    expect(toLedger(entries).balances).toBe(balances);
  });

  test("keeps an account for each function", () => {
    const { byFunction, total } = toLedger([
      entry({ attempts: 3 }),
      entry({ functionName: "fails", status: "FAILED", attempts: 3 }),
      entry({ functionName: "late", status: "FAILED", attempts: 1 }),
    ]);
    expect([...byFunction.keys()]).toEqual(["hash-file", "fails", "late"]);
    expect(byFunction.get("hash-file")).toMatchObject({ enqueued: 1, completed: 1, retried: 2, deadLettered: 0 });
    expect(byFunction.get("fails")).toMatchObject({ enqueued: 1, completed: 0, retried: 2, deadLettered: 1 });
    expect(byFunction.get("late")).toMatchObject({ retried: 0, deadLettered: 1 });
    expect(total).toMatchObject({ enqueued: 3, completed: 1, retried: 4, deadLettered: 2 });
  });

  test.each<[readonly (number | null)[], number | null, number | null]>([
    [[], null, null],
    [[null], null, null],
    [[7], 7, 7],
    [[4, 1, 3, 2], 2, 4],
    [Array.from({ length: 100 }, (_, index) => 100 - index), 50, 95],
  ])("the times %j have p50 %s and p95 %s", (times, p50Ms, p95Ms) => {
    expect(toLedger(times.map((tookMs) => entry({ tookMs }))).total).toMatchObject({ p50Ms, p95Ms });
  });
});
