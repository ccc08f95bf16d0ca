import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A port that hands everything to a Redis server, and can lose what comes back. */
export interface Front extends AsyncDisposable {
  readonly port: number;
  /** Lets the next request that contains `text` reach the server, then drops its answer and the connection. */
  loseAnswerTo(text: string): void;
  /** Connections that were made so far. */
  readonly connections: number;
}

export async function openFront(targetPort: number): Promise<Front> {
  const open = new Set<Socket>();
  let lose: string | null = null;
  let connections = 0;
  const server = createServer((outside) => {
    connections += 1;
    const inside = connect(targetPort, "127.0.0.1");
    let cut = false;
    for (const socket of [outside, inside]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        outside.destroy();
        inside.destroy();
      });
    }
    outside.on("data", (data) => {
      if (lose !== null && data.includes(lose)) {
        lose = null;
        cut = true;
      }
      inside.write(data);
    });
    inside.on("data", (data) => {
      if (cut) outside.destroy();
      else outside.write(data);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    loseAnswerTo: (text) => {
      lose = text;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
