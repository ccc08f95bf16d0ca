import type * as OpenTelemetry from "@opentelemetry/api";
import type { Clock } from "@rrq/protocol/runtime";

/** What a provider can do beyond the API: that of an SDK flushes, the API's own stand-in knows the real one. */
interface Provider {
  getDelegate?(): Provider;
  forceFlush?(): Promise<void>;
}

/** Has the SDK that a program registered send what it has not sent yet; waits for it at most `limitMs`. */
export async function flushRegistered(api: typeof OpenTelemetry, limitMs: number, clock: Clock): Promise<void> {
  const providers: readonly object[] = [api.trace.getTracerProvider(), api.metrics.getMeterProvider()];
  const done = new AbortController();
  const flushed = Promise.allSettled(providers.map(flush)).then(() => done.abort());
  await Promise.race([flushed, clock.sleep(limitMs, done.signal)]);
}

async function flush(provider: object): Promise<void> {
  const known = provider as Provider;
  await (known.getDelegate?.() ?? known).forceFlush?.();
}
