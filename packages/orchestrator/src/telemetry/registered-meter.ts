import type * as OpenTelemetry from "@opentelemetry/api";
import type { MeterProvider } from "@opentelemetry/api";
import { createInstruments, type Instruments, METER_NAME } from "./instruments.ts";
import type { EngineState } from "./telemetry.ts";

type Api = typeof OpenTelemetry;

/** Whether somebody registered an SDK that measures. The API alone answers a stand-in. */
export function measures(api: Api): boolean {
  return isReal(api, api.metrics.getMeterProvider());
}

/** Answers the instruments of whatever meter provider is registered at the moment; `null` while there is none. */
export function registeredInstruments(api: Api, state: () => EngineState | null): () => Instruments | null {
  let seen: MeterProvider | null = null;
  let instruments: Instruments | null = null;
  return () => {
    const provider = api.metrics.getMeterProvider();
    if (provider !== seen) {
      seen = provider;
      instruments = isReal(api, provider) ? createInstruments(provider.getMeter(METER_NAME), state) : null;
    }
    return instruments;
  };
}

function isReal(api: Api, provider: MeterProvider): boolean {
  return provider.getMeter(METER_NAME) !== api.createNoopMeter();
}
