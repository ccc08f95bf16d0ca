import { readFile } from "node:fs/promises";
import * as tls from "node:tls";
import { RrqError } from "@rrq/protocol";

/** Where systems keep the authorities that their administrator trusts, in one file: Debian, Fedora, Alpine and the BSDs. */
const SYSTEM_BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/**
 * The certificates that a `rediss://` server is checked against: Node's own, the system's (`SSL_CERT_FILE` wins),
 * those of `NODE_EXTRA_CA_CERTS`, and those in `caFile`. Throws `INVALID_ARGUMENT` for a `caFile` without certificates.
 */
export async function trustedCertificates(caFile: string | null, env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const [system, extra, own] = await Promise.all([
    systemCertificates(env),
    optionalFile(env["NODE_EXTRA_CA_CERTS"]),
    caFile === null ? [] : ownCertificates(caFile),
  ]);
  return [...tls.rootCertificates, ...system, ...extra, ...own];
}

async function systemCertificates(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const asked = env["SSL_CERT_FILE"];
  if (asked) return optionalFile(asked);
  for (const bundle of SYSTEM_BUNDLES) {
    const found = await optionalFile(bundle);
    if (found.length > 0) return found;
  }
  return [];
}

async function ownCertificates(path: string): Promise<readonly string[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new RrqError("INVALID_ARGUMENT", `tls_ca_file ${path} cannot be read: ${reason(error)}`);
  });
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new RrqError("INVALID_ARGUMENT", `tls_ca_file ${path} has no certificate; it takes a file in PEM form`);
  }
  return [text];
}

/** What is not there is not trusted, and no error. */
async function optionalFile(path: string | undefined): Promise<readonly string[]> {
  if (!path) return [];
  return readFile(path, "utf8").then(
    (text) => (text.includes("-----BEGIN CERTIFICATE-----") ? [text] : []),
    () => [],
  );
}

function reason(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
