import type { Context } from "@opentelemetry/api";
import type { LoggerProvider } from "@opentelemetry/sdk-logs";
import type { LogLevel } from "../logs/log-filter.ts";
import type { RecordSink } from "../logs/log-record.ts";

type Logger = ReturnType<LoggerProvider["getLogger"]>;
type Attributes = NonNullable<Parameters<Logger["emit"]>[0]["attributes"]>;

/** OpenTelemetry's numbers. */
const SEVERITIES: Readonly<Record<LogLevel, number>> = { debug: 5, info: 9, warn: 13, error: 17 };

/** Hands records to OpenTelemetry: the target is the scope, the message the body, the fields are the attributes. */
export function otlpRecords(loggerOf: (target: string) => Logger, context: Context): RecordSink {
  return ({ at, level, target, message, fields }) => {
    loggerOf(target).emit({
      timestamp: at,
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- its enum is in a package that need not be there
      severityNumber: SEVERITIES[level],
      severityText: level.toUpperCase(),
      body: message,
      attributes: fields as Attributes, // what is none of its values, the serializer leaves out
      context,
    });
  };
}
