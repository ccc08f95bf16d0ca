// A program of its own: it runs in a worker thread, beside a main thread that handlers may block.
import { parentPort, workerData } from "node:worker_threads";
import { connect } from "@rrq/producer/redis";
import { keys } from "@rrq/protocol/redis";
import { repeat, systemClock } from "@rrq/protocol/runtime";
import type { LeaseThreadData } from "./keep-lease.ts";
import { renewLease } from "./store/scripts/renew-lease.ts";

const { dsn, tlsCaFile, workerId, leaseMs, heartbeat: first } = workerData as LeaseThreadData;
let heartbeat = first;
const stopping = new AbortController();
parentPort?.on("message", (message: string | null) => {
  if (message === null) stopping.abort();
  else heartbeat = message;
});

const redis = await connect(dsn, { name: `${workerId}-lease`, tlsCaFile, signal: stopping.signal });
await repeat(
  async () => {
    await renewLease.run(redis, { health: keys.health(workerId), workers: keys.workers, workerId, heartbeat, leaseMs });
  },
  // What fails here, fails in the main thread's own renewals too, and is told there.
  { pauseMs: leaseMs / 3, clock: systemClock, signal: stopping.signal, onError: () => undefined },
);
redis.disconnect();
parentPort?.close();
