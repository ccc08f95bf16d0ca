import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ExecutionRequest } from "@rrq/protocol";
import { decodeMessage, encodeCancel, encodeRequest, FrameReader, type Message } from "@rrq/protocol/wire";

export type Response = Extract<Message, { kind: "response" }>;

/** An orchestrator's end of a socket, frame by frame. */
export class SocketClient {
  readonly socket: Socket;
  /** Resolves when the connection is gone, however that came about. */
  readonly closed: Promise<void>;
  readonly #reader = new FrameReader();
  readonly #arrived: Response[] = [];
  #wanting: (() => void) | undefined;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#isClosed = true;
        this.#wanting?.();
        resolve();
      });
    });
  }

  static async open(address: { readonly host: string; readonly port: number }): Promise<SocketClient> {
    const socket = connect(address.port, address.host);
    await once(socket, "connect");
    return new SocketClient(socket);
  }

  /** Writes bytes as they are. */
  write(...parts: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  request(...requests: readonly ExecutionRequest[]): void {
    this.write(...requests.map(encodeRequest));
  }

  cancel(target: { readonly jobId: string; readonly requestId: string | null }): void {
    this.write(encodeCancel(target));
  }

  /** The next `count` responses, in the order they arrived. Rejects if the connection ends before. */
  async responses(count: number): Promise<Response[]> {
    while (this.#arrived.length < count) {
      if (this.#isClosed) throw new Error(`closed after ${this.#arrived.length} of ${count} responses`);
      await new Promise<void>((resolve) => (this.#wanting = resolve));
    }
    return this.#arrived.splice(0, count);
  }

  async response(): Promise<Response> {
    const [response] = await this.responses(1);
    if (response === undefined) throw new Error("no response");
    return response;
  }

  /** Responses that arrived and that nobody asked for yet. */
  get unread(): number {
    return this.#arrived.length;
  }

  /** The job ids of those. */
  get arrived(): (string | null)[] {
    return this.#arrived.map(({ jobId }) => jobId);
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #receive(chunk: Buffer): void {
    for (const body of this.#reader.push(chunk)) {
      const message = decodeMessage(body);
      if (message.kind !== "response") throw new Error(`a runner sends responses only, not: ${body.toString()}`);
      this.#arrived.push(message);
    }
    this.#wanting?.();
  }
}

/** A frame with any body, well formed or not. */
export function frameOf(body: string | object): Buffer {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const header = Buffer.alloc(4);
  header.writeUInt32BE(bytes.length);
  return Buffer.concat([header, bytes]);
}
