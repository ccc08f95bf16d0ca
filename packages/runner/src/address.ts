import { BlockList, isIP } from "node:net";
import { RrqError } from "@rrq/protocol";

/** Where a runner listens. */
export interface Address {
  /** An IP address, or a name that was explicitly allowed. */
  readonly host: string;
  readonly port: number;
}

export interface AddressRules {
  /** Hosts beyond loopback that may be listened on, in any case of letters. */
  readonly allowedHosts: readonly string[];
  /** Whether port 0 may be asked for: the system then picks one. */
  readonly ephemeral: boolean;
}

/** Reads `host:port` or `[host]:port`. Throws `INVALID_ARGUMENT`. */
export function parseAddress(text: string, rules: AddressRules): Address {
  const { host, port } = split(text.trim());
  if (host === "") throw invalid("runner tcp_socket host cannot be empty");
  return { host: parseHost(host, rules.allowedHosts), port: parsePort(port, rules.ephemeral) };
}

/** As it is written in an address: IPv6 in brackets. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function split(text: string): { host: string; port: string } {
  if (text === "") throw invalid("runner tcp_socket cannot be empty");
  if (text.startsWith("[")) {
    const end = text.indexOf("]:");
    if (end === -1) throw invalid("runner tcp_socket must be in [host]:port format");
    return { host: text.slice(1, end), port: text.slice(end + 2) };
  }
  // The last colon, so that a bare IPv6 host works as it does upstream.
  const colon = text.lastIndexOf(":");
  if (colon === -1) throw invalid("runner tcp_socket must be in host:port format");
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function parsePort(text: string, ephemeral: boolean): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(port) || port > 65_535) throw invalid(`Invalid runner tcp_socket port: ${text}`);
  if (port === 0 && !ephemeral) throw invalid("runner tcp_socket port must be > 0");
  return port;
}

function parseHost(host: string, allowedHosts: readonly string[]): string {
  if (host === "localhost") return "127.0.0.1";
  const family = isIP(host);
  if (family !== 0 && isLoopback(host, family === 6 ? "ipv6" : "ipv4")) return host;
  if (allowedHosts.some((allowed) => allowed.toLowerCase() === host.toLowerCase())) return host;
  if (family === 0) throw invalid(`Invalid runner tcp_socket host: ${host}`);
  throw invalid(`runner tcp_socket host must be localhost, or listed in allowedHosts - got ${host}`);
}

function isLoopback(host: string, family: "ipv4" | "ipv6"): boolean {
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  return loopback.check(host, family);
}

function invalid(message: string): RrqError {
  return new RrqError("INVALID_ARGUMENT", message);
}
