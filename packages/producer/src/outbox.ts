import { RrqError } from "@rrq/protocol";
import type { Insertion } from "./insertion.ts";
import type { NewJob, SharedValues } from "./new-job.ts";
import type { PatientCalls } from "./patient-calls.ts";
import { toRedisError } from "./redis/index.ts";
import type { EnqueueReply } from "./scripts/enqueue-reply.ts";

/** Hears once what became of a job. */
export type Settle = (reply: EnqueueReply | RrqError) => void;

interface Entry {
  job: NewJob;
  readonly settle: Settle;
  /** In monotonic milliseconds. */
  readonly deadline: number;
}

/** Jobs that one script call can take: those of the same script and queue that are alike but for id, params and times. */
interface Lane {
  readonly insertion: Insertion;
  readonly shared: SharedValues;
  readonly waiting: Entry[];
}

/** Redis serves others between two calls. */
const JOBS_PER_CALL = 50;
/** A call with large params has fewer jobs. */
const BYTES_PER_CALL = 1024 * 1024;
/** Enough to keep Redis busy while an answer travels; what comes meanwhile shares the next call. */
const CALLS_AT_ONCE = 4;

/**
 * Jobs on their way to Redis. What is put in during one turn of the event loop leaves together at its end, or as soon as it fills
 * a call; nothing waits for a timer.
 */
export class Outbox {
  readonly #calls: PatientCalls;
  readonly #lanes = new Map<string, Lane>();
  readonly #idle: (() => void)[] = [];
  readonly #room: (() => void)[] = [];
  #underWay = 0;
  #scheduled = false;

  constructor(calls: PatientCalls) {
    this.#calls = calls;
  }

  put(job: NewJob, settle: Settle): void {
    const lane = this.#lane(job);
    lane.waiting.push({ job, settle, deadline: this.#calls.deadline() });
    if (lane.waiting.length >= JOBS_PER_CALL && this.#underWay < CALLS_AT_ONCE) {
      this.#flush();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      process.nextTick(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
  }

  /** Takes back a job that has not left yet: whether it had not. `settle` is what it was put in with. */
  withdraw(settle: Settle): boolean {
    for (const [name, lane] of this.#lanes) {
      const at = lane.waiting.findIndex((entry) => entry.settle === settle);
      if (at < 0) continue;
      lane.waiting.splice(at, 1);
      if (lane.waiting.length === 0) this.#lanes.delete(name);
      return true;
    }
    return false;
  }

  /** `undefined`, or resolves when a next call could leave at once. */
  room(): Promise<void> | undefined {
    return this.#underWay < CALLS_AT_ONCE ? undefined : new Promise((resolve) => this.#room.push(resolve));
  }

  /** Resolves when everything that was put in is settled. */
  idle(): Promise<void> {
    if (this.#underWay === 0 && this.#lanes.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #lane({ insertion, shared }: NewJob): Lane {
    const { queue, functionName, maxRetries, timeout, resultTtl } = shared;
    const name = `${insertion.name}\n${maxRetries}\n${timeout}\n${resultTtl}\n${queue}\n${functionName}`;
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { insertion, shared, waiting: [] };
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  /** One call for each lane in turn, so that a full one does not hold up the others. */
  #flush(): void {
    for (const [name, lane] of this.#lanes) {
      if (this.#underWay >= CALLS_AT_ONCE) return;
      this.#lanes.delete(name);
      const entries = lane.waiting.splice(0, callSize(lane.waiting));
      if (lane.waiting.length > 0) this.#lanes.set(name, lane);
      void this.#send(lane, entries);
    }
  }

  async #send(lane: Lane, entries: readonly Entry[]): Promise<void> {
    this.#underWay += 1;
    const { insertion, shared } = lane;
    const items = entries.map(({ job }) => job.values);
    let replies: readonly (EnqueueReply | RrqError)[];
    try {
      replies = await this.#calls.run(insertion.name, (redis) => insertion.run(redis, shared, items), entries[0]?.deadline);
    } catch (error) {
      const failure = toRedisError(insertion.name, error);
      replies = entries.map(() => failure);
    }
    this.#underWay -= 1;
    for (const [index, reply] of replies.entries()) {
      const entry = entries[index];
      if (entry !== undefined) this.#settle(entry, reply);
    }
    this.#flush();
    for (const resolve of this.#room.splice(0)) resolve();
    if (this.#underWay === 0 && this.#lanes.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #settle(entry: Entry, reply: EnqueueReply | RrqError): void {
    if (RrqError.is(reply) || reply.kind !== "elsewhere") {
      entry.settle(reply);
      return;
    }
    entry.job = { ...entry.job, values: { ...entry.job.values, oldQueue: reply.queue } };
    this.#lane(entry.job).waiting.push(entry);
  }
}

/** How many of these jobs one call takes. */
function callSize(waiting: readonly Entry[]): number {
  let bytes = 0;
  let size = 0;
  for (const { job } of waiting) {
    bytes += job.size;
    if (size > 0 && (size === JOBS_PER_CALL || bytes > BYTES_PER_CALL)) break;
    size += 1;
  }
  return size;
}
