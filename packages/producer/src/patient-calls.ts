import { RrqError } from "@rrq/protocol";
import type { Clock } from "@rrq/protocol/runtime";
import type { Connections } from "./connections.ts";
import { mayPass, type RedisLike, toRedisError } from "./redis/index.ts";

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

/** Calls to Redis that outlive its absence, up to a limit. */
export class PatientCalls {
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #giveUpAfterMs: number;

  constructor(connections: Connections, clock: Clock, giveUpAfterMs: number) {
    this.#connections = connections;
    this.#clock = clock;
    this.#giveUpAfterMs = giveUpAfterMs;
  }

  /** In monotonic milliseconds: when a call that begins now gives up. */
  deadline(): number {
    return this.#clock.monotonic() + this.#giveUpAfterMs;
  }

  /**
   * What `call` answers; `doing` is what errors call it. If its fate is unknown, or Redis cannot take it for now, it is made again: it must bear being executed
   * twice. Rejects with `REDIS_UNAVAILABLE` after the deadline, and at once with whatever does not pass by itself.
   */
  async run<T>(doing: string, call: (redis: RedisLike) => Promise<T>, deadline = this.deadline()): Promise<T> {
    const { closing } = this.#connections;
    let last: RrqError | null = null;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(call, deadline, last);
      } catch (error) {
        const failure = toRedisError(doing, error);
        if (closing.aborted) throw closed();
        if (!mayPass(failure) || this.#clock.monotonic() >= deadline) throw failure;
        last = failure;
      }
      const left = deadline - this.#clock.monotonic();
      await this.#clock.sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt, left), closing);
      // What it rejects with, the next try finds out.
      await this.#within(this.#connections.back().catch(() => undefined), deadline, last);
    }
  }

  async #once<T>(call: (redis: RedisLike) => Promise<T>, deadline: number, last: RrqError | null): Promise<T> {
    if (this.#connections.closing.aborted) throw closed();
    const current = this.#connections.current();
    const redis = current instanceof Promise ? await this.#within(current, deadline, last) : current;
    return this.#within(call(redis), deadline, last);
  }

  /** The answer, or `REDIS_UNAVAILABLE` when the deadline comes first. */
  async #within<T>(answer: Promise<T>, deadline: number, last: RrqError | null): Promise<T> {
    let stop = (): void => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      stop = this.#clock.after(deadline - this.#clock.monotonic(), () => reject(this.#late(last)));
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      stop();
    }
  }

  #late(last: RrqError | null): RrqError {
    const trouble = this.#connections.trouble() ?? last;
    const known = trouble === null ? "" : `. Last trouble: ${trouble.message}`;
    return new RrqError("REDIS_UNAVAILABLE", `no answer from Redis within ${this.#giveUpAfterMs / 1_000} s${known}`);
  }
}

function closed(): RrqError {
  return new RrqError("CLOSED", "the producer was closed");
}
