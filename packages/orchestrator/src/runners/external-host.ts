import { isIP } from "node:net";
import { RrqError } from "@rrq/protocol";
import { LOOPBACK } from "./held-port.ts";

/**
 * The host to connect to for `tcp_host` of a runner that we do not run. Nothing on the way is encrypted or authenticated, so
 * beyond loopback every host must be listed, compared without regard to ASCII case. Throws `INVALID_CONFIG`; the texts are upstream's.
 */
export function externalHost(tcpHost: string, allowedHosts: readonly string[]): string {
  const host = tcpHost.trim().replace(/^\[(.*)\]$/, "$1");
  if (host === "") throw refused("tcp_socket host cannot be empty");
  if (host === "localhost") return LOOPBACK;
  const isAllowed = allowedHosts.some((allowed) => allowed.toLowerCase() === host.toLowerCase());
  if (isAllowed || isLoopback(host)) return host;
  throw isIP(host) === 0
    ? refused(`tcp_socket hostname '${host}' is not allowed; add it to allowed_hosts`)
    : refused(
        "tcp_socket host must be loopback (127.0.0.1, ::1, or localhost) for security, " +
          `or explicitly listed in allowed_hosts - got '${host}'`,
      );
}

function isLoopback(host: string): boolean {
  return host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function refused(message: string): RrqError {
  return new RrqError("INVALID_CONFIG", message);
}
