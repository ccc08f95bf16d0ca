import { RrqError } from "@rrq/protocol";
import { describeAddress, type RedisAddress } from "./dsn.ts";
import { isRefusedLogin } from "./redis-errors.ts";

/** OpenSSL's verdicts about a certificate, and Node's about the name in it. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|INVALID_CA|HOSTNAME_MISMATCH/;

/** Whether trying again leads nowhere until somebody changes something. */
export function isFinal(error: Error): boolean {
  return isRefusedLogin(error) || CERTIFICATE.test(codeOf(error));
}

/** What went wrong between us and the server, and what to do about it. Never shows a user or a password. */
export function toConnectError(address: RedisAddress | null, error: unknown): RrqError {
  const where = address === null ? "Redis" : `Redis at ${describeAddress(address)}`;
  const text = messageOf(error);
  if (isRefusedLogin(error)) return new RrqError("REDIS_REFUSED", `${where} refused us: ${text}${adviceOnRefusal(text)}`);
  return new RrqError("REDIS_UNAVAILABLE", `${where} cannot be reached: ${text}${adviceOnReaching(address, error, text)}`);
}

function adviceOnRefusal(text: string): string {
  if (text.startsWith("NOAUTH")) return ". Put the password into the DSN: redis://:password@host or redis://user:password@host";
  if (/^WRONGPASS|password/.test(text)) return ". Check user and password of the DSN; percent-encode special characters in them";
  if (/DB index|SELECT/.test(text)) return ". Choose a database that the server has: the number at the end of the DSN";
  return "";
}

function adviceOnReaching(address: RedisAddress | null, error: unknown, text: string): string {
  if (CERTIFICATE.test(codeOf(error))) {
    return ". If its certificate comes from an authority of your own, name that authority's file in tls_ca_file";
  }
  if (/ECONNREFUSED|ENOENT/.test(text)) return ". Is it running there?";
  // A plain server takes a TLS greeting for half a line and waits for the rest.
  if (address?.kind === "tcp" && address.tls) return ". Does it speak TLS on this port?";
  if (/ECONNRESET|closed/.test(text)) return ". Does it want TLS (rediss://), or is it shutting down?";
  return "";
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function messageOf(error: unknown): string {
  // `localhost` is two addresses, each with an error of its own, and the whole has no text.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}
