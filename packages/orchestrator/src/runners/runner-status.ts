/** What a runner is doing, for heartbeats, health and `rrq`. */
export interface RunnerStatus {
  readonly name: string;
  readonly mode: "managed" | "external";
  /** `up`: all of it takes requests. `down`: none of it does. */
  readonly health: "up" | "degraded" | "down";
  /** Requests that it could hold if all of it were up. */
  readonly slots: number;
  readonly freeSlots: number;
  /** Slots that are taken, those of handlers that outlived their time too. */
  readonly inFlight: number;
  readonly processes: readonly ProcessStatus[];
}

export interface ProcessStatus {
  /**
   * `starting` (or connecting), `ready`, `draining` (takes nothing new, to be replaced), `ending`,
   * `waiting` (failed, to be tried again), `broken` (failed so often that it is tried only now and then), `closed`.
   */
  readonly state: "starting" | "ready" | "draining" | "ending" | "waiting" | "broken" | "closed";
  /** `null` while there is none, and for a runner that somebody else runs. */
  readonly pid: number | null;
  /** `host:port`; `null` while there is none. */
  readonly address: string | null;
  readonly freeSlots: number;
  readonly inFlight: number;
  /** Slots held by handlers that outlived their time and the grace after it. */
  readonly stuck: number;
  /** Times it was started (or connected) again. */
  readonly restarts: number;
  /** Why it last failed or was replaced; `null` if it never was. */
  readonly lastError: string | null;
}

/** Sums up the processes of a runner. */
export function statusOf(
  runner: Pick<RunnerStatus, "name" | "mode" | "slots">,
  processes: readonly ProcessStatus[],
): RunnerStatus {
  const ready = processes.filter(({ state }) => state === "ready").length;
  const sum = (key: "freeSlots" | "inFlight"): number => processes.reduce((total, one) => total + one[key], 0);
  return {
    ...runner,
    health: ready === processes.length ? "up" : ready > 0 ? "degraded" : "down",
    freeSlots: sum("freeSlots"),
    inFlight: sum("inFlight"),
    processes,
  };
}
