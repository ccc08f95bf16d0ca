/** What the claim loop knows of one queue. */
export interface QueueWatch {
  /** Full key. */
  readonly queue: string;
  /** Whether a claim may find something: woken, due, or the last one did not see everything. */
  ready: boolean;
  /** Jobs were left for want of a slot of their runner: the next freed one makes it ready. */
  saturated: boolean;
  /** Epoch milliseconds of the first job known that is not due yet. */
  dueAt: number | null;
  /** Where the next claim goes on looking. */
  from: number;
  /** Counts what made it ready, so that a claim sent before does not put it to sleep. */
  wakes: number;
}

export function watchQueue(queue: string): QueueWatch {
  return { queue, ready: true, saturated: false, dueAt: null, from: 0, wakes: 0 };
}

/** A job came in that may run from `dueAt`. */
export function wake(watch: QueueWatch, dueAt: number, now: number): void {
  if (dueAt > now) {
    watch.dueAt = watch.dueAt === null ? dueAt : Math.min(watch.dueAt, dueAt);
    return;
  }
  watch.ready = true;
  watch.wakes++;
}

/** Marks what has become due. */
export function passTime(watch: QueueWatch, now: number): void {
  if (watch.dueAt === null || watch.dueAt > now) return;
  watch.dueAt = null;
  watch.ready = true;
  watch.wakes++;
}

/** What a claim found, as far as its queue goes. */
export interface Finding {
  readonly claimed: number;
  readonly exhausted: boolean;
  readonly saturated: boolean;
  readonly next: number;
  readonly nextDue: number | null;
}

/** After a call that claimed none of the ids it looked at, the next ones are looked at so many milliseconds later: they are not worth all of Redis's time. */
const FRUITLESS_PAUSE_MS = 100;

/** Draws from a claim that was sent when `wakes` stood at `wakesBefore`. */
export function afterClaim(watch: QueueWatch, found: Finding, wakesBefore: number, now: number): void {
  watch.from = found.next;
  watch.saturated = found.saturated;
  if (!found.exhausted && found.claimed > 0) return;
  const lookAt = found.exhausted ? found.nextDue : now + FRUITLESS_PAUSE_MS;
  if (lookAt !== null) watch.dueAt = Math.min(lookAt, watch.dueAt ?? Infinity);
  if (watch.wakes === wakesBefore) watch.ready = false;
}

/** A slot came free: what was left for want of one may be claimed now. */
export function freeSlot(watch: QueueWatch): void {
  if (!watch.saturated) return;
  watch.saturated = false;
  watch.ready = true;
  watch.wakes++;
}
