import { RrqError } from "@rrq/protocol";
import { type Clock, systemClock } from "@rrq/protocol/runtime";
import { type Log, stderrLog } from "./log.ts";

/** What everything that runs handlers can be told. */
export interface HandlingOptions {
  /**
   * Handlers that run at the same time in this process; further requests wait, while their time runs.
   * @default no limit
   */
  readonly maxInFlight?: number | undefined;
  /**
   * Milliseconds that a handler is waited for after its signal fired. Then its request is answered for without it.
   * @default 2000
   */
  readonly abortGraceMs?: number | undefined;
  /** Where lines go, those of `ctx.log` included. @default JSON lines on stderr, from level info */
  readonly log?: Log | undefined;
  /** The `runner` label of metrics. @default OTEL_SERVICE_NAME, else SERVICE_NAME, else "rrq-runner" */
  readonly serviceName?: string | undefined;
  /** Where time comes from. @default the system's */
  readonly clock?: Clock | undefined;
}

/** {@link HandlingOptions}, complete and checked. */
export interface HandlingSettings {
  readonly maxInFlight: number;
  readonly abortGraceMs: number;
  readonly log: Log;
  readonly serviceName: string;
  readonly clock: Clock;
}

/** Throws `INVALID_ARGUMENT`. */
export function resolveHandling(options: HandlingOptions): HandlingSettings {
  const { maxInFlight = Number.POSITIVE_INFINITY } = options;
  if (!(maxInFlight >= 1)) throw new RrqError("INVALID_ARGUMENT", `maxInFlight must be at least 1, got ${maxInFlight}`);
  return {
    maxInFlight,
    abortGraceMs: milliseconds("abortGraceMs", options.abortGraceMs ?? 2_000),
    log: options.log ?? stderrLog("info"),
    serviceName:
      options.serviceName || process.env["OTEL_SERVICE_NAME"] || process.env["SERVICE_NAME"] || "rrq-runner",
    clock: options.clock ?? systemClock,
  };
}

/** `value`, if it is a duration. Throws `INVALID_ARGUMENT`. */
export function milliseconds(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RrqError("INVALID_ARGUMENT", `${name} must be milliseconds, 0 or more, got ${value}`);
}
