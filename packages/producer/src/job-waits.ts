import { RrqError } from "@rrq/protocol";
import { isTerminal, jobFields, type JobRecord, keys, readJobStatus } from "@rrq/protocol/redis";
import type { Clock } from "@rrq/protocol/runtime";
import type { Connections } from "./connections.ts";
import { DoneListener } from "./done-listener.ts";
import { readJob, statusOf } from "./job-view.ts";
import { orAborted } from "./or-aborted.ts";
import type { PatientCalls } from "./patient-calls.ts";

/** How a wait ended, with the job as it was last read. */
export type WaitAnswer =
  | { readonly kind: "finished" | "timed-out"; readonly record: JobRecord }
  | { readonly kind: "unknown" };

export interface WaitLimits {
  /** May be infinite. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

type Settle = (answer: WaitAnswer | RrqError) => void;

/** A job that somebody waits for. Instants are monotonic milliseconds. */
interface Watch {
  readonly id: string;
  readonly waits: Set<Settle>;
  /** When the latest of them began. */
  since: number;
  /** When the job is looked at although nothing was announced. */
  lookAt: number;
  look: "none" | "under-way" | "once-more";
  record: JobRecord;
}

/**
 * Orchestrators of upstream's announce nothing to us, and a message can be lost: so each job is looked at now and then, at first
 * soon, then after half as long as the wait has lasted.
 */
const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 2_000;
const TICK_MS = 50;
const PROBE_MS = 5_000;
/** For a last look when the time is over, so that what is answered is fresh. */
const LAST_WORD_MS = 1_000;

/** All waits of a producer for the ends of jobs. */
export class JobWaits {
  readonly #calls: PatientCalls;
  readonly #clock: Clock;
  readonly #listener: DoneListener;
  readonly #watches = new Map<string, Watch>();
  #stopTicking: (() => void) | undefined;
  #probeAt = 0;
  #closed = false;

  constructor(connections: Connections, calls: PatientCalls, clock: Clock) {
    this.#calls = calls;
    this.#clock = clock;
    this.#listener = new DoneListener(connections, {
      onDone: (id) => this.#lookAt(id),
      onGap: () => {
        for (const id of this.#watches.keys()) this.#lookAt(id);
      },
    });
  }

  /**
   * Waits for the end of a job. Rejects with `ABORTED`, `CLOSED`, `REDIS_REFUSED` or `WRONG_TYPE`, and with `REDIS_UNAVAILABLE` if it
   * could not be read even once.
   */
  async until(id: string, { timeoutMs, signal }: WaitLimits): Promise<WaitAnswer> {
    const deadline = this.#clock.monotonic() + Math.max(timeoutMs, LAST_WORD_MS);
    const record = await orAborted(this.#read(id, Math.min(deadline, this.#calls.deadline())), signal, () => aborted(id, signal));
    if (record === null) return { kind: "unknown" };
    if (hasEnded(record)) return { kind: "finished", record };
    if (this.#closed) throw closed();
    return new Promise((resolve, reject) => {
      const watch = this.#watch(id, record);
      const settle: Settle = (answer) => {
        if (!watch.waits.delete(settle)) return;
        stopTimer?.();
        signal?.removeEventListener("abort", onAbort);
        if (watch.waits.size === 0) this.#forget(watch);
        if (RrqError.is(answer)) reject(answer);
        else resolve(answer);
      };
      const onAbort = (): void => settle(aborted(id, signal));
      const stopTimer = Number.isFinite(timeoutMs)
        ? this.#clock.after(timeoutMs, () => void this.#lastWord(watch, settle))
        : undefined;
      signal?.addEventListener("abort", onAbort, { once: true });
      watch.waits.add(settle);
    });
  }

  /** Ends all waits with `CLOSED`. */
  close(): void {
    this.#closed = true;
    for (const watch of [...this.#watches.values()]) settleAll(watch, closed());
    this.#listener.close();
  }

  #watch(id: string, record: JobRecord): Watch {
    const now = this.#clock.monotonic();
    const fresh = { since: now, lookAt: now + FIRST_LOOK_MS, record };
    const known = this.#watches.get(id);
    if (known !== undefined) return Object.assign(known, fresh);
    const watch: Watch = { id, waits: new Set(), look: "none", ...fresh };
    this.#watches.set(id, watch);
    this.#tickLater();
    // The job may have ended between the first look and the subscription.
    void this.#listener.listen(id).then(() => this.#lookAt(id));
    return watch;
  }

  #forget(watch: Watch): void {
    this.#watches.delete(watch.id);
    this.#listener.forget(watch.id);
    if (this.#watches.size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = undefined;
  }

  #tickLater(): void {
    this.#stopTicking ??= this.#clock.after(TICK_MS, () => {
      this.#stopTicking = undefined;
      this.#tick();
      if (this.#watches.size > 0) this.#tickLater();
    });
  }

  #tick(): void {
    const now = this.#clock.monotonic();
    for (const watch of this.#watches.values()) {
      if (watch.lookAt <= now && watch.look === "none") void this.#look(watch);
    }
    if (now < this.#probeAt) return;
    this.#probeAt = now + PROBE_MS;
    this.#listener.probe();
  }

  #lookAt(id: string): void {
    const watch = this.#watches.get(id);
    if (watch !== undefined) void this.#look(watch);
  }

  /** Never two looks at one job at once; what is announced during one is looked at after it. */
  async #look(watch: Watch): Promise<void> {
    if (watch.look !== "none") {
      watch.look = "once-more";
      return;
    }
    do {
      watch.look = "under-way";
      await this.#lookOnce(watch).catch((error: unknown) => {
        // Redis away is no reason to end a wait, which has a limit of its own.
        if (RrqError.is(error) && error.code !== "REDIS_UNAVAILABLE") settleAll(watch, error);
      });
    } while (isToRepeat(watch));
    watch.look = "none";
    const now = this.#clock.monotonic();
    watch.lookAt = now + Math.min(LAST_LOOK_MS, Math.max(FIRST_LOOK_MS, (now - watch.since) / 2));
  }

  /** The status alone while the job goes on: that is what most looks find. */
  async #lookOnce(watch: Watch): Promise<void> {
    const job = keys.job(watch.id);
    const [status, done] = await this.#calls.run(`a look at job ${watch.id}`, (redis) =>
      redis.hmget(job, jobFields.status, jobFields.closed),
    );
    const known = readJobStatus(status ?? undefined);
    if (known !== null && !isTerminal(known) && done == null) return;
    const record = await this.#read(watch.id);
    if (record === null) settleAll(watch, { kind: "unknown" });
    else if (hasEnded(record)) settleAll(watch, { kind: "finished", record });
    else watch.record = record;
  }

  async #lastWord(watch: Watch, settle: Settle): Promise<void> {
    try {
      const record = await this.#read(watch.id, this.#clock.monotonic() + LAST_WORD_MS);
      if (record === null) settle({ kind: "unknown" });
      else settle({ kind: hasEnded(record) ? "finished" : "timed-out", record });
    } catch {
      settle({ kind: "timed-out", record: watch.record });
    }
  }

  #read(id: string, deadline?: number): Promise<JobRecord | null> {
    return readJob(this.#calls, id, deadline);
  }
}

function settleAll(watch: Watch, answer: WaitAnswer | RrqError): void {
  for (const settle of [...watch.waits]) settle(answer);
}

/** Another announcement came during the look. */
function isToRepeat(watch: Watch): boolean {
  return watch.look === "once-more" && watch.waits.size > 0;
}

function hasEnded(record: JobRecord): boolean {
  const status = statusOf(record);
  return status !== "UNKNOWN" && isTerminal(status);
}

function aborted(id: string, signal: AbortSignal | undefined): RrqError {
  return new RrqError("ABORTED", `stopped waiting for job ${id}`, { cause: signal?.reason });
}

function closed(): RrqError {
  return new RrqError("CLOSED", "the producer was closed while it waited for a job");
}
