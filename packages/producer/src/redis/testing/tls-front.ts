import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { createServer } from "node:tls";
import { fileURLToPath } from "node:url";

const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The authority that signed the certificate of {@link openTlsFront}; no system knows it. */
export const AUTHORITY_FILE = beside("authority.pem");

/** Speaks TLS on a port of its own and hands everything to a server that does not, for `localhost` and 127.0.0.1. */
export async function openTlsFront(targetPort: number): Promise<AsyncDisposable & { readonly port: number }> {
  const [cert, key] = await Promise.all([readFile(beside("server.pem")), readFile(beside("server-key.pem"))]);
  const open = new Set<{ destroy(): void }>();
  const server = createServer({ cert, key }, (outside) => {
    const inside = connect(targetPort, "127.0.0.1");
    for (const socket of [outside, inside]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        outside.destroy();
        inside.destroy();
      });
    }
    outside.pipe(inside).pipe(outside);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
