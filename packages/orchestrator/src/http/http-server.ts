import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { RrqError } from "@rrq/protocol";
import type { Log } from "../log.ts";
import { answerRequest, type HttpSources } from "./answer-request.ts";

export interface HttpServerOptions extends HttpSources {
  readonly host: string;
  /** 0 takes one that is free. */
  readonly port: number;
  readonly log: Log;
}

/** The answers of an orchestrator to who looks after it. */
export interface HttpServer extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
  /** Takes no more requests, and hangs up. Twice is fine. */
  close(): Promise<void>;
}

/** A probe is a line or two, and short: what needs more is none. */
const LIMITS = { maxHeaderSize: 8 * 1024, headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 };
const MOST_CONNECTIONS = 64;

/** Serves `/live`, `/ready` and `/metrics` over plain HTTP. Throws `CANNOT_LISTEN`. */
export async function startHttpServer({ host, port, log, ...sources }: HttpServerOptions): Promise<HttpServer> {
  const server = createServer(LIMITS, (request, response) => {
    request.resume(); // no answer depends on what a body says
    answerRequest(request.method ?? "GET", request.url ?? "/", sources).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(request.method === "HEAD" ? "" : body),
      (error: unknown) => {
        log.error("a request for health or metrics could not be answered", { path: request.url, error });
        response.writeHead(500).end();
      },
    );
  });
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, host, port);
  const address = addressOf(server);
  log.info("health and metrics are served", { address: `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}` });
  let closed: Promise<unknown> | undefined;
  const close = async (): Promise<void> => {
    if (closed === undefined) {
      closed = once(server, "close");
      server.close();
      server.closeAllConnections();
    }
    await closed;
  };
  return { address, close, [Symbol.asyncDispose]: close };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen({ host, port });
    await once(server, "listening");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RrqError("CANNOT_LISTEN", `health and metrics cannot be served at ${host}:${port} ([rrq.http]): ${reason}`, { cause });
  }
  // Later errors are those of single connections.
  server.on("error", () => undefined);
}

function addressOf(server: Server): { host: string; port: number } {
  const { address, port } = server.address() as AddressInfo; // a TCP server that listens has one
  return { host: address, port };
}
