import type * as OpenTelemetry from "@opentelemetry/api";
import type { Context } from "@opentelemetry/api";
import type { TraceHeaders } from "./telemetry.ts";

/** What the registered propagators say of `context`; `null` for nothing. */
export function headersOf(api: typeof OpenTelemetry, context: Context): TraceHeaders | null {
  const headers: Record<string, string> = {};
  api.propagation.inject(context, headers);
  return Object.keys(headers).length === 0 ? null : headers;
}
