import type { Clock } from "@rrq/protocol/runtime";
import type { Log } from "../log.ts";
import { createLog } from "../logs/create-log.ts";
import type { LogFilter } from "../logs/log-filter.ts";
import { loadSdk, type SdkPackages } from "./load-sdk.ts";
import { otlpRecords } from "./otlp-records.ts";
import { exporterOf, OtlpSender } from "./otlp-sender.ts";
import { type OtlpSettings, type Signal, SIGNALS } from "./read-otlp.ts";
import type { ResourceSettings } from "./read-resource.ts";
import { measures } from "./registered-meter.ts";
import { registeredTracer } from "./registered-tracer.ts";

export interface SdkOptions {
  readonly otlp: OtlpSettings;
  readonly resource: ResourceSettings;
  /** Milliseconds between two exports of metrics; `null` for the SDK's default. */
  readonly metricIntervalMs: number | null;
  readonly filter: LogFilter;
  readonly clock: Clock;
  readonly log: Log;
}

/** The SDK as the environment asks for it. */
export interface Sdk {
  /** What is told here is exported; `null` if logs are not. */
  readonly log: Log | null;
  /** Sends what was not sent yet, for at most `limitMs`. Twice is fine. */
  close(limitMs: number): Promise<void>;
}

/** A signal that is exported. */
interface Exporting {
  readonly log?: Log;
  shutdown(): Promise<void>;
  /** Takes back what was registered for the whole process. */
  unregister?(): void;
}

const NAMES: Readonly<Record<Signal, string>> = { traces: "tracing", metrics: "metrics", logs: "logs" };

/**
 * Registers the OpenTelemetry SDK for the signals that have a destination, but none in place of one that the program has
 * registered itself. What cannot be exported is told in the log; nothing is thrown.
 */
export async function startSdk(options: SdkOptions): Promise<Sdk> {
  const { otlp, clock, log } = options;
  const signals = SIGNALS.filter((signal) => otlp[signal] !== null);
  const { packages, lacking, install } = await loadSdk(signals);
  if (lacking.length > 0) log.warn("OpenTelemetry is not installed: the environment asks for an export that cannot be", { signals: lacking, install });
  const senders: OtlpSender[] = [];
  const exporting: Exporting[] = [];
  for (const signal of signals) {
    const destination = otlp[signal];
    if (destination === null || lacking.includes(signal)) continue;
    try {
      const sender = new OtlpSender(destination, clock);
      const started = STARTS[signal](packages, sender, options);
      if (started === null) {
        log.info("an OpenTelemetry SDK is registered already, and exports as it likes", { signal });
        continue;
      }
      senders.push(sender);
      exporting.push(started);
    } catch (error) {
      log.warn(`OpenTelemetry ${NAMES[signal]} exporter failed to initialize`, { error: error instanceof Error ? error.message : error });
    }
  }
  return {
    log: exporting.find((each) => each.log !== undefined)?.log ?? null,
    close: async (limitMs) => {
      const cut = (): void => {
        for (const sender of senders) sender.cut();
      };
      const cancelLimit = clock.after(limitMs, cut);
      await Promise.allSettled(exporting.map((each) => each.shutdown()));
      cancelLimit();
      cut();
      for (const each of exporting.splice(0)) each.unregister?.();
    },
  };
}

/** Each starts one signal; `null` if the program has an SDK for it. */
const STARTS: Readonly<Record<Signal, (packages: SdkPackages, sender: OtlpSender, options: SdkOptions) => Exporting | null>> = {
  traces: startTraces,
  metrics: startMetrics,
  logs: startLogs,
};

function startTraces(packages: SdkPackages, sender: OtlpSender, { resource }: SdkOptions): Exporting | null {
  const { api, "sdk-trace-node": sdk, "otlp-transformer": transformer } = packages;
  if (api === null || sdk === null || transformer === null || registeredTracer(api, resource.serviceName) !== null) return null;
  const exporter = exporterOf(transformer.ProtobufTraceSerializer, sender);
  const provider = new sdk.NodeTracerProvider({
    ...described(packages, resource),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
  });
  // Where the program has its own, ours stay out.
  const probe = api.ROOT_CONTEXT.setValue(api.createContextKey("rrq"), true);
  const hasContexts = api.context.with(probe, () => api.context.active() === probe);
  const hasPropagator = api.propagation.fields().length > 0;
  provider.register({ ...(hasContexts && { contextManager: null }), ...(hasPropagator && { propagator: null }) });
  return {
    shutdown: () => provider.shutdown(),
    unregister: () => {
      api.trace.disable();
      if (!hasContexts) api.context.disable();
      if (!hasPropagator) api.propagation.disable();
    },
  };
}

function startMetrics(packages: SdkPackages, sender: OtlpSender, { resource, metricIntervalMs }: SdkOptions): Exporting | null {
  const { api, "sdk-metrics": sdk, "otlp-transformer": transformer } = packages;
  if (api === null || sdk === null || transformer === null || measures(api)) return null;
  const exporter = exporterOf(transformer.ProtobufMetricsSerializer, sender);
  const interval = metricIntervalMs === null ? {} : { exportIntervalMillis: metricIntervalMs };
  const reader = new sdk.PeriodicExportingMetricReader({ exporter, ...interval });
  const provider = new sdk.MeterProvider({ ...described(packages, resource), readers: [reader] });
  api.metrics.setGlobalMeterProvider(provider);
  return { shutdown: () => provider.shutdown(), unregister: () => api.metrics.disable() };
}

function startLogs(packages: SdkPackages, sender: OtlpSender, { resource, filter, clock }: SdkOptions): Exporting | null {
  const { api, "sdk-logs": sdk, "otlp-transformer": transformer } = packages;
  if (api === null || sdk === null || transformer === null) return null;
  const exporter = exporterOf(transformer.ProtobufLogsSerializer, sender);
  const provider = new sdk.LoggerProvider({
    ...described(packages, resource),
    processors: [new sdk.BatchLogRecordProcessor({ exporter })],
  });
  const sink = otlpRecords((target) => provider.getLogger(target), api.ROOT_CONTEXT);
  return { log: createLog({ filter, sink, clock }), shutdown: () => provider.shutdown() };
}

function described({ resources }: SdkPackages, { attributes }: ResourceSettings) {
  return resources === null ? {} : { resource: resources.defaultResource().merge(resources.resourceFromAttributes(attributes)) };
}
