import { RrqError } from "@rrq/protocol";

/** Where a Redis server is, and who we are there. */
export type RedisAddress = Login &
  (
    | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls: boolean }
    | { readonly kind: "unix"; readonly path: string }
    | { readonly kind: "sentinel"; readonly sentinels: readonly Endpoint[]; readonly master: string }
  );

interface Login {
  readonly username: string | null;
  /** `null`: no login is sent, whatever the user name. */
  readonly password: string | null;
  readonly db: number;
  /** RESP version that the DSN asks for; `null` leaves it to the client. */
  readonly protocol: 2 | 3 | null;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const SCHEMES: Readonly<Record<string, { readonly kind: RedisAddress["kind"]; readonly tls: boolean }>> = {
  redis: { kind: "tcp", tls: false },
  valkey: { kind: "tcp", tls: false },
  rediss: { kind: "tcp", tls: true },
  valkeys: { kind: "tcp", tls: true },
  unix: { kind: "unix", tls: false },
  "redis+unix": { kind: "unix", tls: false },
  "valkey+unix": { kind: "unix", tls: false },
  "redis+sentinel": { kind: "sentinel", tls: false },
};

const FORMS =
  "redis://[user:password@]host[:6379][/db], rediss://… for TLS, unix:///path[?db=0], " +
  "or redis+sentinel://[user:password@]host[:26379],…/master[/db]; valkey may stand for redis";

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;

/**
 * Reads a DSN in any form of upstream's, and `redis+sentinel://`. White space around it and the case of the scheme do not matter.
 * Throws `INVALID_ARGUMENT`; no message repeats any part of the DSN that may hold a password.
 */
export function parseDsn(dsn: string): RedisAddress {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is.exec(dsn.trim());
  const scheme = parts?.[1]?.toLowerCase() ?? "";
  const found = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (parts === null || found === undefined) throw invalid(`does not begin with a scheme that we know; it takes ${FORMS}`);
  const [, , authority = "", path = "", queryText = "", fragment = ""] = parts;
  if (fragment === "insecure") {
    throw invalid("asks for #insecure: certificates are always checked; set tls_ca_file for a private authority");
  }
  const query = new URLSearchParams(queryText);
  const { user, hosts } = splitAuthority(authority);
  const protocol = readProtocol(query.get("protocol"));
  if (found.kind === "unix") {
    if (hosts !== "" || !path.startsWith("/")) throw invalid(`takes an absolute path after ${scheme}://: ${scheme}:///run/redis.sock`);
    const login = user ?? { username: query.get("user") || null, password: query.get("pass") || null };
    return { kind: "unix", path: decode(path, "path"), ...login, db: readDb(query.get("db") ?? ""), protocol };
  }
  const login = user ?? { username: null, password: null };
  if (found.kind === "sentinel") {
    const [, master = "", db = "", ...rest] = path.split("/");
    if (master === "" || rest.join("") !== "") {
      throw invalid("names no master: redis+sentinel://host:26379,host:26379/master/0");
    }
    const sentinels = hosts.split(",").map((one) => readEndpoint(one, SENTINEL_PORT));
    return { kind: "sentinel", sentinels, master: decode(master, "master"), ...login, db: readDb(db || (query.get("db") ?? "")), protocol };
  }
  const { host, port } = readEndpoint(hosts, REDIS_PORT);
  // Only slashes name no database: upstream's reading of `redis://host//`.
  const db = path.replace(/^\//, "").replace(/^\/$/, "");
  return { kind: "tcp", host, port, tls: found.tls, ...login, db: readDb(db || (query.get("db") ?? "")), protocol };
}

/** The address as people may see it: without user and password. */
export function describeAddress(address: RedisAddress): string {
  const bracketed = ({ host, port }: Endpoint): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;
  switch (address.kind) {
    case "tcp":
      return `${address.tls ? "rediss" : "redis"}://${bracketed(address)}/${address.db}`;
    case "unix":
      return `unix://${address.path}?db=${address.db}`;
    case "sentinel":
      return `redis+sentinel://${address.sentinels.map(bracketed).join(",")}/${address.master}/${address.db}`;
  }
}

function splitAuthority(authority: string): {
  readonly user: Pick<Login, "username" | "password"> | null;
  readonly hosts: string;
} {
  const at = authority.lastIndexOf("@");
  if (at < 0) return { user: null, hosts: authority };
  const user = authority.slice(0, at);
  const colon = user.indexOf(":");
  const username = decode(colon < 0 ? user : user.slice(0, colon), "user name") || null;
  const password = colon < 0 ? null : decode(user.slice(colon + 1), "password") || null;
  return { user: { username, password }, hosts: authority.slice(at + 1) };
}

function readEndpoint(text: string, defaultPort: number): Endpoint {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^[\]:]*))(?::(\d*))?$/i.exec(text);
  const host = parts?.[1] ?? parts?.[2] ?? "";
  if (parts === null || host === "") throw invalid(`names no host, or none that can be read; it takes ${FORMS}`);
  const port = parts[3] === undefined || parts[3] === "" ? defaultPort : Number(parts[3]);
  if (port < 1 || port > 65_535) throw invalid(`has port ${port}; a port is 1 to 65535`);
  return { host: decode(host, "host"), port };
}

function readDb(text: string): number {
  if (text === "") return 0;
  if (!/^\d{1,9}$/.test(text)) throw invalid("has no whole number, 0 or more, where the database belongs: redis://host:6379/0");
  return Number(text);
}

function readProtocol(text: string | null): 2 | 3 | null {
  switch (text?.toLowerCase()) {
    case undefined:
      return null;
    case "2":
    case "resp2":
      return 2;
    case "3":
    case "resp3":
      return 3;
    default:
      throw invalid("has a ?protocol= other than resp2 and resp3");
  }
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`has a % in its ${what} that is no percent-encoding: write %25 for it`);
  }
}

function invalid(problem: string): RrqError {
  return new RrqError("INVALID_ARGUMENT", `the Redis DSN ${problem}`);
}
