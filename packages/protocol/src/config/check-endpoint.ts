import { isIP } from "node:net";

export type EndpointCheck =
  /** The address or name to connect to, without brackets; names are resolved when the connection is made. */
  | { readonly kind: "fine"; readonly host: string }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Whether a runner that somebody else started may be connected to at `tcpHost`: on this machine, or where `allowedHosts` says.
 * Nothing is resolved here.
 */
export function checkEndpoint(tcpHost: string, allowedHosts: readonly string[]): EndpointCheck {
  const host = withoutBrackets(tcpHost.trim());
  if (host === null) return refuse("It takes a host name or an address; of brackets, both or none");
  if (host === "" || host === "localhost") return { kind: "fine", host: "127.0.0.1" };
  if (isLoopback(host)) return { kind: "fine", host };
  if (isIP(host) === 0 && /:\d+$/.test(host)) return refuse("It takes a host alone: its port goes into tcp_port");
  const isAllowed = allowedHosts.some((allowed) => allowed.toLowerCase() === host.toLowerCase());
  if (isAllowed) return { kind: "fine", host };
  const what = isIP(host) === 0 ? "A name" : "An address beyond this machine";
  return refuse(`${what} must be listed: write allowed_hosts = [${JSON.stringify(host)}] if jobs may be sent there`);
}

/** `null` for half a pair of brackets. */
function withoutBrackets(host: string): string | null {
  const inner = /^\[([^[\]]*)\]$/.exec(host);
  if (inner !== null) return inner[1] ?? "";
  return /[[\]]/.test(host) ? null : host;
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith("127.");
  return isIP(host) === 6 && new URL(`http://[${host.replace(/%.*$/, "")}]`).hostname === "[::1]";
}

function refuse(reason: string): EndpointCheck {
  return { kind: "refused", reason };
}
