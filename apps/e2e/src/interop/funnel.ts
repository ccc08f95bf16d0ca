import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { FrameReader } from "@rrq/protocol/wire";

/** A port whose connections share one to a runner. */
export interface Funnel extends AsyncDisposable {
  readonly port: number;
}

/**
 * Puts the requests of every connection on one to the runner at `port` of this machine, so that it gets more at once than anybody sends on one.
 * Every connection gets all answers: what is not for it is dropped there.
 */
export async function openFunnel(port: number): Promise<Funnel> {
  const runner = connect({ host: "127.0.0.1", port });
  await once(runner, "connect");
  const clients = new Set<Socket>();
  runner.on("data", (chunk: Buffer) => {
    for (const client of clients) client.write(chunk);
  });
  const server = createServer((client) => {
    clients.add(client);
    client.on("error", () => undefined);
    client.once("close", () => clients.delete(client));
    // Whole frames, or two clients would write into each other's.
    const reader = new FrameReader();
    client.on("data", (chunk: Buffer) => {
      for (const body of reader.push(chunk)) runner.write(framed(body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      server.close();
      runner.destroy();
      for (const client of clients) client.destroy();
      if (server.listening) await once(server, "close");
    },
  };
}

function framed(body: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}
