/** How an orchestrator is. */
export interface Health {
  readonly workerId: string;
  /** `stopping`: it takes no more jobs. */
  readonly phase: "starting" | "running" | "stopping";
  readonly redis: "up" | "away";
  readonly runners: readonly RunnerHealth[];
}

export interface RunnerHealth {
  readonly name: string;
  /** `up`: all of it takes requests. `down`: none of it does. */
  readonly health: "up" | "degraded" | "down";
}

/** Why an orchestrator takes no jobs. */
export interface Obstacle {
  readonly code: "STARTING" | "STOPPING" | "REDIS_AWAY" | "NO_RUNNER";
  readonly message: string;
}

/** What keeps an orchestrator from taking jobs. Empty: it takes them. */
export function findObstacles({ phase, redis, runners }: Health): readonly Obstacle[] {
  if (phase === "starting") return [{ code: "STARTING", message: "it waits for Redis, or its runners start" }];
  const obstacles: Obstacle[] = [];
  if (phase === "stopping") obstacles.push({ code: "STOPPING", message: "it is shutting down and takes no more jobs" });
  if (redis === "away") obstacles.push({ code: "REDIS_AWAY", message: "Redis cannot be reached; what runs goes on" });
  if (runners.every(({ health }) => health === "down")) {
    obstacles.push({ code: "NO_RUNNER", message: `no runner is up: ${runners.map(({ name }) => name).join(", ") || "there is none"}` });
  }
  return obstacles;
}
