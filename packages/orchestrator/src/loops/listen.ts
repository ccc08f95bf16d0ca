import { channels } from "@rrq/protocol/redis";
import type { Log } from "../log.ts";

/** What listening needs of a Redis connection of its own. */
export interface SubscriberRedis {
  subscribe(...channels: string[]): Promise<unknown>;
  on(event: "message", listener: (channel: string, message: string) => void): unknown;
  on(event: "ready", listener: () => void): unknown;
}

export interface Listeners {
  /** A job was put into the queue; it may run from `dueAt`, epoch milliseconds. */
  readonly onWake: (queue: string, dueAt: number) => void;
  /** Somebody wants this job cancelled, which runs here. */
  readonly onCancel: (jobId: string) => void;
  /** Messages may have been missed. */
  readonly onGap: () => void;
}

/** Listens for new jobs in `queues` and for cancel requests to `workerId`. A lost message costs time, never a job: polls and heartbeats find what it said. */
export async function listen(
  redis: SubscriberRedis,
  queues: readonly string[],
  workerId: string,
  listeners: Listeners,
  log: Log,
): Promise<void> {
  const queueOf = new Map(queues.map((queue) => [channels.wake(queue), queue]));
  redis.on("message", (channel, message) => {
    const queue = queueOf.get(channel);
    if (queue !== undefined) listeners.onWake(queue, Number(message));
    else listeners.onCancel(message);
  });
  const subscribe = (): Promise<unknown> =>
    redis.subscribe(...queueOf.keys(), channels.cancel(workerId)).catch((error: unknown) => {
      log.warn("cannot subscribe; queues are polled meanwhile", { error: String(error) });
    });
  redis.on("ready", () => {
    void subscribe();
    listeners.onGap();
  });
  await subscribe();
}
