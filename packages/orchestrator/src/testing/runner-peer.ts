import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type ExecutionOutcome, type ExecutionRequest, outcome } from "@rrq/protocol";
import { decodeMessage, encodeResponse, FrameReader } from "@rrq/protocol/wire";

/** A runner that somebody else runs, in the hands of a test. Disposing of it hangs up and listens no longer. */
export interface RunnerPeer extends AsyncDisposable {
  readonly port: number;
  /** Connections that were made so far. */
  readonly connections: number;
  /** What was asked and not answered. */
  readonly asked: readonly ExecutionRequest[];
  /** Jobs whose handler was told to stop. */
  readonly cancelled: readonly (string | null)[];
  /** On the connection that asked. */
  answer(jobId: string, value?: ExecutionOutcome): void;
  /** Every connection. */
  hangUp(): void;
}

export async function openRunnerPeer({ port = 0, host = "127.0.0.1" } = {}): Promise<RunnerPeer> {
  const sockets = new Set<Socket>();
  const asked = new Map<string, { readonly request: ExecutionRequest; readonly socket: Socket }>();
  const cancelled: (string | null)[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    const reader = new FrameReader();
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk: Buffer) => {
      for (const message of reader.push(chunk).map(decodeMessage)) {
        if (message.kind === "request") asked.set(message.request.jobId, { request: message.request, socket });
        if (message.kind === "cancel") cancelled.push(message.jobId);
      }
    });
  });
  server.listen(port, host);
  await once(server, "listening");
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    get connections() {
      return connections;
    },
    get asked() {
      return [...asked.values()].map(({ request }) => request);
    },
    cancelled,
    answer: (jobId, value = outcome.success("done")) => {
      const one = asked.get(jobId);
      if (one === undefined) throw new Error(`nobody asked for ${jobId}`);
      asked.delete(jobId);
      one.socket.write(encodeResponse({ jobId, requestId: one.request.requestId }, value));
    },
    hangUp,
    [Symbol.asyncDispose]: async () => {
      server.close();
      hangUp();
      await once(server, "close");
    },
  };
}
