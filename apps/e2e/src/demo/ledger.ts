import type { Job } from "@rrq/producer";

/** What Redis says of one job that was accepted. */
export interface LedgerEntry {
  readonly functionName: string;
  /** `null`: it is not there. */
  readonly status: Job["status"] | null;
  readonly attempts: number;
  /** From enqueue to end; `null` while it has not ended, or was cancelled. */
  readonly tookMs: number | null;
}

/** The figures of one function, or of all. */
export interface Account {
  readonly enqueued: number;
  readonly completed: number;
  /** Attempts after the first ones. */
  readonly retried: number;
  readonly deadLettered: number;
  readonly cancelled: number;
  /** Milliseconds from enqueue to end; `null` if none has ended. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

export interface Ledger {
  /** In the order in which they first appear. */
  readonly byFunction: ReadonlyMap<string, Account>;
  readonly total: Account;
  /** Whether every accepted job is in exactly one of the three end states. */
  readonly balances: boolean;
}

/** Adds up the entries of all accepted jobs. */
export function toLedger(entries: readonly LedgerEntry[]): Ledger {
  const groups = new Map<string, LedgerEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.functionName);
    if (group === undefined) groups.set(entry.functionName, [entry]);
    else group.push(entry);
  }
  const total = toAccount(entries);
  return {
    byFunction: new Map([...groups].map(([name, group]) => [name, toAccount(group)])),
    total,
    balances: total.enqueued === total.completed + total.deadLettered + total.cancelled,
  };
}

function toAccount(entries: readonly LedgerEntry[]): Account {
  const count = (status: Job["status"]): number => entries.filter((entry) => entry.status === status).length;
  const times = entries.flatMap(({ tookMs }) => tookMs ?? []).sort((a, b) => a - b);
  return {
    enqueued: entries.length,
    completed: count("COMPLETED"),
    retried: entries.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0),
    deadLettered: count("FAILED"),
    cancelled: count("CANCELLED"),
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
  };
}

/** Nearest rank. `null` of nothing. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
