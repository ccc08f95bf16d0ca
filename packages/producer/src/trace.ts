import type * as OpenTelemetry from "@opentelemetry/api";

/** Answers the W3C headers that a new job carries; `null` for none. */
export type TraceSource = (given: Readonly<Record<string, string>> | null) => Readonly<Record<string, string>> | null;

/**
 * With `@opentelemetry/api` installed, the headers of the context that is active when it is asked are added to those that the
 * caller gives, and never overwrite them. Without it, and without an SDK behind it, those given are all.
 */
export async function openTraceSource(): Promise<TraceSource> {
  const api = await import("@opentelemetry/api").catch(() => null);
  return api === null ? (given) => given : (given) => withActiveContext(api, given);
}

function withActiveContext(
  api: typeof OpenTelemetry,
  given: Readonly<Record<string, string>> | null,
): Readonly<Record<string, string>> | null {
  const headers: Record<string, string> = {};
  api.propagation.inject(api.context.active(), headers);
  // A vendor's state belongs to its own trace.
  if (given !== null && "traceparent" in given) delete headers["tracestate"];
  const merged = { ...headers, ...given };
  return Object.keys(merged).length === 0 ? null : merged;
}
