import { Worker } from "node:worker_threads";
import type { Log } from "./log.ts";

export interface LeaseThreadData {
  readonly dsn: string;
  readonly tlsCaFile: string | null;
  readonly workerId: string;
  readonly leaseMs: number;
  readonly heartbeat: string;
}

/** A thread that renews our lease, with a connection of its own. */
export interface LeaseThread {
  /** What the next renewals say. */
  tell(heartbeat: string): void;
  /** Resolves when it renews no more. */
  stop(): Promise<void>;
}

/** For handlers in this process: one that blocks it for longer than a lease must not make others take its jobs for a dead worker's. */
export function keepLease(data: LeaseThreadData, log: Log): LeaseThread {
  // The built file, also for those who run us from source: a worker thread loads no TypeScript.
  const program = new URL(import.meta.url.endsWith(".ts") ? "../dist/lease-thread.js" : "./lease-thread.js", import.meta.url);
  // Not the flags of this process: they may name loaders and conditions that are meant for the user's code.
  const thread = new Worker(program, { workerData: data, execArgv: [] });
  thread.unref();
  const ended = new Promise<void>((resolve) => {
    thread.on("exit", () => resolve());
  });
  thread.on("error", (error) => {
    log.error("the thread that renews our lease ended; a handler that blocks longer than the lease loses its jobs", { error });
  });
  return {
    tell: (heartbeat) => thread.postMessage(heartbeat),
    stop: () => {
      thread.ref();
      thread.postMessage(null);
      return ended;
    },
  };
}
