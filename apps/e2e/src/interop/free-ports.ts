import { once } from "node:events";
import { createServer } from "node:net";

/** Below what systems give to outgoing connections. */
const [LOWEST, HIGHEST] = [10_000, 30_000];

/** The first of `count` TCP ports in a row on 127.0.0.1 that nobody has: upstream's orchestrator ends if one of a pool is taken. */
export async function freePortsInARow(count: number): Promise<number> {
  for (;;) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch {
    return false;
  }
}
