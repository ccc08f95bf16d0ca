import type * as OpenTelemetry from "@opentelemetry/api";
import type { Tracer, TracerProvider } from "@opentelemetry/api";

type Api = typeof OpenTelemetry;

/** That of the API itself also answers whether there is a real one. */
type Provider = TracerProvider & { getDelegateTracer?(name: string): Tracer | undefined };

/** The tracer of a registered SDK; `null` without one: the API's stand-in would be fed attributes for nothing. */
export function registeredTracer(api: Api, name: string): Tracer | null {
  const provider: Provider = api.trace.getTracerProvider();
  return provider.getDelegateTracer === undefined ? provider.getTracer(name) : (provider.getDelegateTracer(name) ?? null);
}
