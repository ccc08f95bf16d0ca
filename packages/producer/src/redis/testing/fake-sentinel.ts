import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** Answers as a Sentinel that knows one master, `mail`, does; `master` is where it says that is. */
export interface FakeSentinel extends AsyncDisposable {
  readonly port: number;
  master: number;
}

export async function openFakeSentinel(master: number): Promise<FakeSentinel> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      // Clients send a few short commands at once; each is an array of bulk strings.
      for (const command of data.toString().split(/(?=^\*\d+\r\n)/m)) socket.write(answer(command.toLowerCase()));
    });
  });
  const answer = (command: string): string => {
    if (command.includes("\r\nhello\r\n")) return "-ERR unknown command 'HELLO'\r\n";
    if (command.includes("\r\nsentinels\r\n")) return "*0\r\n";
    if (!command.includes("get-master-addr-by-name")) return "+OK\r\n";
    if (!command.includes("\r\nmail\r\n")) return "*-1\r\n";
    const port = String(sentinel.master);
    return `*2\r\n$9\r\n127.0.0.1\r\n$${port.length}\r\n${port}\r\n`;
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sentinel: FakeSentinel = {
    port: (server.address() as AddressInfo).port,
    master,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return sentinel;
}
