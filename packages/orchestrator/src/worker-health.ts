import type { Runner } from "@rrq/protocol";
import type { Redis } from "ioredis";
import type { Health, RunnerHealth } from "./http/health.ts";
import { RunnerPool } from "./runners/runner-pool.ts";

export interface HealthView {
  readonly workerId: string;
  readonly stopping: boolean;
  readonly redis: Pick<Redis, "status">;
  /** Milliseconds since Redis last took our heartbeat. */
  readonly sinceRenewalMs: number;
  readonly leaseMs: number;
  readonly runners: ReadonlyMap<string, Runner>;
}

/** How a worker is. A Redis that stands still shows no loss of its connection, but no heartbeat comes through either. */
export function workerHealth({ workerId, stopping, redis, sinceRenewalMs, leaseMs, runners }: HealthView): Health {
  return {
    workerId,
    phase: stopping ? "stopping" : "running",
    redis: redis.status === "ready" && sinceRenewalMs < leaseMs ? "up" : "away",
    runners: [...runners].map(([name, runner]): RunnerHealth => ({ name, health: healthOf(runner) })),
  };
}

/** A runner that a program brings does not say; it is up as long as it is there. */
function healthOf(runner: Runner): RunnerHealth["health"] {
  return runner instanceof RunnerPool ? runner.status().health : "up";
}
