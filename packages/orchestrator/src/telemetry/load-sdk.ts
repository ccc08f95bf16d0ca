import type * as Api from "@opentelemetry/api";
import type * as Transformer from "@opentelemetry/otlp-transformer";
import type * as Resources from "@opentelemetry/resources";
import type * as SdkLogs from "@opentelemetry/sdk-logs";
import type * as SdkMetrics from "@opentelemetry/sdk-metrics";
import type * as SdkTrace from "@opentelemetry/sdk-trace-node";
import { type Signal, SIGNALS } from "./read-otlp.ts";

/** The packages of the SDK that an export needs. */
interface Sdk {
  readonly api: typeof Api;
  readonly resources: typeof Resources;
  readonly "otlp-transformer": typeof Transformer;
  readonly "sdk-trace-node": typeof SdkTrace;
  readonly "sdk-metrics": typeof SdkMetrics;
  readonly "sdk-logs": typeof SdkLogs;
}

/** Those that are there; `null` for one that is not. */
export type SdkPackages = { readonly [Name in keyof Sdk]: Sdk[Name] | null };

/** All are optional peers: imported when the environment asks for an export. */
const LOADERS: { readonly [Name in keyof Sdk]: () => Promise<Sdk[Name]> } = {
  api: () => import("@opentelemetry/api"),
  resources: () => import("@opentelemetry/resources"),
  "otlp-transformer": () => import("@opentelemetry/otlp-transformer"),
  "sdk-trace-node": () => import("@opentelemetry/sdk-trace-node"),
  "sdk-metrics": () => import("@opentelemetry/sdk-metrics"),
  "sdk-logs": () => import("@opentelemetry/sdk-logs"),
};

/** The versions that are asked for when one is missing: those of `peerDependencies`. */
export const PACKAGES: Readonly<Record<keyof Sdk, string>> = {
  api: "^1.9.0",
  resources: "^2.12.0",
  "otlp-transformer": "^0.223.0",
  "sdk-trace-node": "^2.12.0",
  "sdk-metrics": "^2.12.0",
  "sdk-logs": "^0.223.0",
};

const OF_ALL = ["api", "resources", "otlp-transformer"] as const;
const OF_SIGNAL = { traces: "sdk-trace-node", metrics: "sdk-metrics", logs: "sdk-logs" } as const;

export interface LoadedSdk {
  readonly packages: SdkPackages;
  /** Signals that cannot be exported for want of a package. */
  readonly lacking: readonly Signal[];
  /** The command that brings what is missing. */
  readonly install: string;
}

/** Imports what these signals need. */
export async function loadSdk(signals: readonly Signal[]): Promise<LoadedSdk> {
  const needed = (signal: Signal): readonly (keyof Sdk)[] => [...OF_ALL, OF_SIGNAL[signal]];
  const wanted = new Set(signals.flatMap(needed));
  const load = async <T>(name: keyof Sdk, importing: () => Promise<T>): Promise<T | null> =>
    wanted.has(name) ? importing().catch(() => null) : null;
  const packages: SdkPackages = {
    api: await load("api", LOADERS.api),
    resources: await load("resources", LOADERS.resources),
    "otlp-transformer": await load("otlp-transformer", LOADERS["otlp-transformer"]),
    "sdk-trace-node": await load("sdk-trace-node", LOADERS["sdk-trace-node"]),
    "sdk-metrics": await load("sdk-metrics", LOADERS["sdk-metrics"]),
    "sdk-logs": await load("sdk-logs", LOADERS["sdk-logs"]),
  };
  const missing = [...wanted].filter((name) => packages[name] === null);
  return {
    packages,
    lacking: SIGNALS.filter((signal) => signals.includes(signal) && needed(signal).some((name) => missing.includes(name))),
    install: `pnpm add ${missing.map((name) => `'@opentelemetry/${name}@${PACKAGES[name]}'`).join(" ")}`,
  };
}
