import { RrqError } from "@rrq/protocol";
import { systemClock } from "@rrq/protocol/runtime";
import { toConnectError } from "./connect-error.ts";
import type { RedisAddress } from "./dsn.ts";
import type { ListeningRedis } from "./redis-like.ts";

export interface UntilReadyOptions {
  /** Named in errors. */
  readonly address?: RedisAddress | null;
  /** @default null: no limit */
  readonly timeoutMs?: number | null;
  /** Errors after which we do not wait on. @default none */
  readonly isFinal?: (error: Error) => boolean;
  readonly signal?: AbortSignal;
}

/**
 * Resolves as soon as the connection can take commands. Rejects with `REDIS_UNAVAILABLE` after `timeoutMs` or when the client
 * gave up, with `ABORTED`, or with what a final error means.
 */
export async function untilReady(
  redis: Pick<ListeningRedis, "status" | "on" | "off">,
  options: UntilReadyOptions = {},
): Promise<void> {
  const { address = null, timeoutMs = null, isFinal, signal } = options;
  if (redis.status === "ready") return;
  if (signal?.aborted) throw aborted(signal);
  let last: Error | undefined;
  const unavailable = (): RrqError => toConnectError(address, last ?? new Error("no answer"));
  let settle: (error?: RrqError) => void = () => undefined;
  const settled = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  const onReady = (): void => settle();
  const onEnd = (): void => settle(unavailable());
  const onClose = (): void => {
    last ??= new Error("it closed the connection");
  };
  const onAbort = (): void => settle(aborted(signal));
  const onError = (error: Error): void => {
    last = error;
    if (isFinal?.(error)) settle(unavailable());
  };
  const stopTimer = timeoutMs === null ? undefined : systemClock.after(timeoutMs, () => settle(unavailable()));
  redis.on("ready", onReady);
  redis.on("close", onClose);
  redis.on("end", onEnd);
  redis.on("error", onError);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await settled;
  } finally {
    stopTimer?.();
    redis.off("ready", onReady);
    redis.off("close", onClose);
    redis.off("end", onEnd);
    redis.off("error", onError);
    signal?.removeEventListener("abort", onAbort);
  }
}

function aborted(signal: AbortSignal | undefined): RrqError {
  return new RrqError("ABORTED", "stopped waiting for Redis", { cause: signal?.reason });
}
