import type { CronSchedule } from "./cron-schedule.ts";

/** What became due of a cron entry since its last slot that was settled. All instants in epoch milliseconds. */
export interface CronDue {
  /** The slot that is due now; `null` if the latest is longer ago than the grace, or there is none. */
  readonly slotAt: number | null;
  /** Slots that passed unseen, the earliest first; at most {@link MOST_MISSES}, the latest of them. */
  readonly missed: readonly number[];
}

/** More misses than this are not told one by one: a schedule of every second over a night of downtime. */
export const MOST_MISSES = 100;

/** How late a slot may be and still count as in time: half a minute, in which upstream looks twice. */
const IN_TIME_MS = 30_000;

/** The slots of `schedule` after `lastAt`, the last one that was settled, up to `now`. */
export function findDue(schedule: CronSchedule, lastAt: number, now: number): CronDue {
  const slots: number[] = [];
  let after = Math.max(lastAt, startOfTail(schedule, lastAt, now));
  for (let slot = schedule.next(after); slot !== null && slot <= now; slot = schedule.next(after)) {
    slots.push(slot);
    if (slots.length > MOST_MISSES + 1) slots.shift();
    after = slot;
  }
  const latest = slots.at(-1);
  if (latest === undefined) return { slotAt: null, missed: [] };
  if (now - latest > IN_TIME_MS) return { slotAt: null, missed: slots.slice(-MOST_MISSES) };
  return { slotAt: latest, missed: slots.slice(0, -1).slice(-MOST_MISSES) };
}

/** An instant before the last slots of a long absence, so that not every slot of it has to be gone through. */
function startOfTail(schedule: CronSchedule, lastAt: number, now: number): number {
  for (let backMs = 60_000; now - backMs > lastAt; backMs *= 2) {
    let after = now - backMs;
    let found = 0;
    while (found <= MOST_MISSES) {
      const slot = schedule.next(after);
      if (slot === null || slot > now) break;
      after = slot;
      found++;
    }
    if (found > MOST_MISSES) return now - backMs;
  }
  return lastAt;
}
