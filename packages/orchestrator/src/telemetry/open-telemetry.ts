import type * as OpenTelemetry from "@opentelemetry/api";
import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import { isTold, type LogThreshold, readLogFilter } from "../logs/log-filter.ts";
import { teeLog } from "../logs/tee-log.ts";
import { EngineTelemetry, type EngineTelemetryOptions } from "./engine-telemetry.ts";
import { flushRegistered } from "./flush-registered.ts";
import { createInstruments, type Meter } from "./instruments.ts";
import type { Tracing } from "./job-span.ts";
import { type OtlpSettings, readOtlp, SIGNALS } from "./read-otlp.ts";
import { readResource } from "./read-resource.ts";
import { registeredInstruments } from "./registered-meter.ts";
import { registeredTracer } from "./registered-tracer.ts";
import { type Sdk, startSdk } from "./start-sdk.ts";
import { noTelemetry, type Telemetry } from "./telemetry.ts";

/** For what was not sent yet, when the orchestrator ends. */
const FLUSH_MS = 2_000;

export interface TelemetryOptions {
  /** `OTEL_…` and `RUST_LOG` are read here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workerId: string;
  /** What measures for `/metrics`; `null` if nobody serves them. */
  readonly meter: Meter | null;
  readonly clock: Clock;
  readonly log: Log;
}

export interface OpenedTelemetry extends AsyncDisposable {
  readonly telemetry: Telemetry;
  /** The given log, and with it the export of logs if the environment asks for one. */
  readonly log: Log;
}

/**
 * Connects the engine with whoever listens: the OpenTelemetry SDK that the environment asks for or that the program has
 * registered, now or later, and `meter`. At its end it flushes, for two seconds at most.
 */
export async function openTelemetry(options: TelemetryOptions): Promise<OpenedTelemetry> {
  const { env, clock, meter } = options;
  const { serviceName } = readResource(env);
  const sdk = await openSdk(options);
  const log = sdk?.log ? teeLog(options.log, sdk.log) : options.log;
  const api = await import("@opentelemetry/api").catch(() => null);
  const engine = { clock, log };
  const tracing = api === null ? null : registeredTracing(api, serviceName, readLogFilter(env["RUST_LOG"])("rrq"), options.workerId);
  return {
    telemetry:
      api === null && meter === null
        ? noTelemetry
        : new EngineTelemetry({ ...engine, tracing: tracing ?? (() => null), instruments: allInstruments(api, meter) }),
    log,
    [Symbol.asyncDispose]: async () => {
      await sdk?.close(FLUSH_MS);
      if (api !== null) await flushRegistered(api, FLUSH_MS, clock);
    },
  };
}

async function openSdk({ env, clock, log }: TelemetryOptions): Promise<Sdk | null> {
  const otlp: OtlpSettings = readOtlp(env);
  if (SIGNALS.every((signal) => otlp[signal] === null) || env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() === "true") return null;
  if (otlp.fallsBack) log.debug("using OTEL_EXPORTER_OTLP_ENDPOINT fallback for signals without explicit endpoints");
  const intervalMs = Number(env["OTEL_METRIC_EXPORT_INTERVAL"]);
  const metricIntervalMs = Number.isInteger(intervalMs) && intervalMs > 0 ? intervalMs : null;
  return startSdk({ otlp, resource: readResource(env), metricIntervalMs, filter: readLogFilter(env["RUST_LOG"]), clock, log });
}

/** Spans follow `RUST_LOG` as lines do: none below info, those of every claim and dispatch from debug on. */
function registeredTracing(
  api: typeof OpenTelemetry,
  serviceName: string,
  threshold: LogThreshold,
  workerId: string,
): (() => Tracing | null) | null {
  if (!isTold("info", threshold)) return null;
  const detailed = isTold("debug", threshold);
  let known: Tracing | null = null;
  return () => {
    const tracer = registeredTracer(api, serviceName);
    if (tracer === null) return null;
    if (known?.tracer !== tracer) known = { api, tracer, detailed, workerId };
    return known;
  };
}

function allInstruments(api: typeof OpenTelemetry | null, meter: Meter | null): EngineTelemetryOptions["instruments"] {
  return (state) => {
    const own = meter === null ? [] : [createInstruments(meter, state)];
    if (api === null) return () => own;
    const registered = registeredInstruments(api, state);
    return () => {
      const others = registered();
      return others === null ? own : [...own, others];
    };
  };
}
