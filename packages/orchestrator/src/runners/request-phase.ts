/**
 * What a request goes through once it was handed to a runner. Its slot is taken in every phase but the last.
 *
 * - `running`: the caller waits, the job's clock runs.
 * - `cancelling`: the caller asked to stop it and waits for what the handler answers, for the length of the grace.
 * - `overrun`: its time ran out. The caller has its answer; the handler was told to stop and has the grace to end.
 * - `stuck`: the grace is over, or the runner said that the handler still runs. Only an answer or the end of the process frees the slot.
 * - `resting`: the runner refused it for want of a slot of its own. The slot is left alone for a moment.
 * - `ended`: the slot is free.
 */
export type RequestPhase = "running" | "cancelling" | "overrun" | "stuck" | "resting" | "ended";

export type RequestEvent =
  /** The runner answered: the handler ended, or the request could not be told to it. */
  | "answered"
  /** The runner answered and said that the handler goes on. */
  | "answered-still-running"
  /** The runner refused. */
  | "refused"
  /** The caller's signal fired. */
  | "aborted"
  /** The time of this phase is over. */
  | "due";

/** Whether the caller of a request in this phase still waits for its answer. */
export function callerWaits(phase: RequestPhase): boolean {
  return phase === "running" || phase === "cancelling";
}

/** Whether to tell the runner to stop the handler, now that the request went from one phase to the other. */
export function needsCancel(before: RequestPhase, after: RequestPhase): boolean {
  return before === "running" && (after === "cancelling" || after === "overrun");
}

export function nextPhase(phase: RequestPhase, event: RequestEvent): RequestPhase {
  switch (event) {
    case "answered":
      return "ended";
    case "answered-still-running":
      return "stuck";
    case "refused":
      return callerWaits(phase) ? "resting" : "ended";
    case "aborted":
      return phase === "running" ? "cancelling" : phase;
    case "due":
      return AFTER[phase];
    default:
      return event satisfies never;
  }
}

/** Where a phase leads when its time is over. */
const AFTER: Readonly<Record<RequestPhase, RequestPhase>> = {
  running: "overrun",
  cancelling: "stuck",
  overrun: "stuck",
  stuck: "stuck",
  resting: "ended",
  ended: "ended",
};
