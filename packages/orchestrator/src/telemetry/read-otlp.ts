/** What can be exported, in the words of its variables and paths. */
export const SIGNALS = ["traces", "metrics", "logs"] as const;
export type Signal = (typeof SIGNALS)[number];

/** Where one signal goes. */
export interface OtlpDestination {
  /** As it is asked for; not checked yet. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the environment asks to export; `null` for a signal that is off. */
export type OtlpSettings = Readonly<Record<Signal, OtlpDestination | null>> & {
  /** Whether a signal goes by the variable that is for all of them. */
  readonly fallsBack: boolean;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads `OTEL_EXPORTER_OTLP_…`. Signals are independent of each other. */
export function readOtlp(env: Environment): OtlpSettings {
  const destination = (signal: Signal): OtlpDestination | null => {
    const url = endpointOf(signal, env);
    return url === null ? null : { url, headers: headersOf(signal, env) };
  };
  return {
    traces: destination("traces"),
    metrics: destination("metrics"),
    logs: destination("logs"),
    fallsBack: !!env["OTEL_EXPORTER_OTLP_ENDPOINT"]?.trim() && SIGNALS.some((signal) => env[endpointVariable(signal)] === undefined),
  };
}

/** The signal's own variable as it stands, and nowhere if that is blank; else the one for all, with the path of the signal. */
function endpointOf(signal: Signal, env: Environment): string | null {
  const own = env[endpointVariable(signal)];
  if (own !== undefined) return own.trim() || null;
  const base = env["OTEL_EXPORTER_OTLP_ENDPOINT"]?.trim();
  return base ? withSignalPath(base, signal) : null;
}

function endpointVariable(signal: Signal): string {
  return `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`;
}

function withSignalPath(base: string, signal: Signal): string {
  const [, front = "", query = ""] = /^([^?#]*)(.*)$/s.exec(base) ?? [];
  const path = front.replace(/\/+$/, "");
  return `${path.replace(/\/v1\/(?:traces|metrics|logs)$/, "")}/v1/${signal}${query}`;
}

/** Those for all signals, and over them those of this one. */
function headersOf(signal: Signal, env: Environment): Readonly<Record<string, string>> {
  return {
    ...readHeaders(env["OTEL_EXPORTER_OTLP_HEADERS"]),
    ...readHeaders(env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_HEADERS`]),
  };
}

/** `name=value,name=value`; values are percent-decoded. */
function readHeaders(text: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of (text ?? "").split(",")) {
    const at = pair.indexOf("=");
    if (at === -1) continue;
    const [name, value] = [pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim()];
    if (name !== "" && value !== "") headers[name] = decoded(value);
  }
  return headers;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
