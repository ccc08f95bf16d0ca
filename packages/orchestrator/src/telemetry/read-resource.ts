type Environment = Readonly<Record<string, string | undefined>>;

/** What describes this process to a collector. */
export interface ResourceSettings {
  readonly serviceName: string;
  /** With `service.name` among them. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Reads `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`. */
export function readResource(env: Environment): ResourceSettings {
  const attributes = readAttributes(env["OTEL_RESOURCE_ATTRIBUTES"]);
  const serviceName = env["OTEL_SERVICE_NAME"]?.trim() || attributes["service.name"] || "rrq";
  return { serviceName, attributes: { ...attributes, "service.name": serviceName } };
}

/** `name=value,name=value`, the values in quotes or not. A pair without `=` ends it: what comes after cannot be trusted. */
function readAttributes(text: string | undefined): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const pair of (text ?? "").split(",")) {
    const at = pair.indexOf("=");
    if (at === -1) break;
    const [name, value] = [pair.slice(0, at).trim(), unquoted(pair.slice(at + 1).trim())];
    if (name !== "" && value !== "") attributes[name] ??= value;
  }
  return attributes;
}

function unquoted(value: string): string {
  const inner = /^"(.*)"$|^'(.*)'$/s.exec(value);
  return (inner?.[1] ?? inner?.[2] ?? value).trim();
}
