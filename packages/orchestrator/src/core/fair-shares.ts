/**
 * How many jobs one queue may give in the first pass of a round: an equal share of the free slots, rounded up, so that a
 * long queue cannot starve a short one. A second pass gives what is left to whoever has more.
 */
export function fairShare(freeSlots: number, queues: number): number {
  return Math.max(1, Math.ceil(freeSlots / Math.max(1, queues)));
}

/** `queues` rotated, so that over the rounds each comes first in turn. */
export function rotate<T>(queues: readonly T[], round: number): readonly T[] {
  const start = queues.length === 0 ? 0 : round % queues.length;
  return start === 0 ? queues : [...queues.slice(start), ...queues.slice(0, start)];
}
