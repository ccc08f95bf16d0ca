import { type Clock, repeat } from "@rrq/protocol/runtime";
import type { ParentGuard } from "./parent-guard.ts";

/** Why this process is to end. */
export type ProcessEnd =
  | { readonly why: "signal"; readonly signal: NodeJS.Signals }
  | { readonly why: "parent-gone"; readonly loss: string }
  | { readonly why: "crash"; readonly error: unknown };

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const PARENT_POLL_MS = 250;

/** Calls `onEnd` each time something happens that ends a process, from now on and until the process has ended. */
export function listenForEnds(guard: ParentGuard | null, clock: Clock, onEnd: (end: ProcessEnd) => void): void {
  for (const signal of SIGNALS) process.on(signal, () => onEnd({ why: "signal", signal }));
  // Something failed outside of any handler's promise: what state the program is in, nobody knows.
  process.on("uncaughtException", (error: unknown) => onEnd({ why: "crash", error }));
  process.on("unhandledRejection", (error) => onEnd({ why: "crash", error }));
  if (guard === null) return;

  const gone = new AbortController();
  const look = async (): Promise<void> => {
    const loss = guard.loss();
    if (loss === null) return;
    gone.abort();
    onEnd({ why: "parent-gone", loss });
  };
  void repeat(look, {
    pauseMs: PARENT_POLL_MS,
    clock,
    signal: gone.signal,
    onError: (error) => onEnd({ why: "crash", error }),
  });
}
