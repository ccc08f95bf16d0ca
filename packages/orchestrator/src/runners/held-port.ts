import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** Managed runners listen here and nowhere else. */
export const LOOPBACK = "127.0.0.1";

/** A TCP port of loopback that no other orchestrator on this host takes until it is let go. */
export interface HeldPort {
  readonly port: number;
  readonly release: () => void;
}

/**
 * Holds `port` for a runner, or answers `null` if it is in use.
 *
 * That nobody listens is not enough: two orchestrators that start together would both see a free port, and one would
 * connect to the other's runner. So each binds the UDP port of the same number while it uses the TCP port, which the
 * system undoes however a process ends.
 */
async function holdPort(port: number): Promise<HeldPort | null> {
  const hold = createSocket("udp4").unref();
  try {
    hold.bind({ port, address: LOOPBACK, exclusive: true });
    await once(hold, "listening");
  } catch (error) {
    hold.close();
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return null;
    throw error;
  }
  let isHeld = true;
  const release = (): void => {
    if (isHeld) hold.close();
    isHeld = false;
  };
  if (await isFree(port)) return { port, release };
  release();
  return null;
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().unref();
  try {
    probe.listen({ port, host: LOOPBACK, exclusive: true });
    await once(probe, "listening");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  } finally {
    if (probe.listening) {
      probe.close();
      await once(probe, "close");
    }
  }
}

const LAST_PORT = 65_535;
/** Ports that one search looks at: with so many in use, something else is wrong. */
const SEARCH = 1_000;

/** Ports of the process at `index` of a pool, in the order to try: its own, then those past the pool's. */
export function* portsFor(pool: { readonly tcpPort: number; readonly poolSize: number }, index: number): Iterable<number> {
  yield pool.tcpPort + index;
  const beyond = pool.tcpPort + pool.poolSize;
  for (let port = beyond; port <= Math.min(LAST_PORT, beyond + SEARCH); port += 1) yield port;
}

/** The first of `ports` that is free, or `null`. */
export async function holdFirst(ports: Iterable<number>): Promise<HeldPort | null> {
  for (const port of ports) {
    const held = await holdPort(port);
    if (held !== null) return held;
  }
  return null;
}
