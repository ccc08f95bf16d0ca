import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Address } from "@rrq/runner";

/** A frame as it came: `type` and `payload`. */
export interface Frame {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** One connection to a runner, written and read by hand, so that nothing of ours is on both ends. */
export class ScriptedConnection implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #frames: Frame[] = [];
  #rest = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", () => undefined); // its close tells
  }

  static async open({ host, port }: Address): Promise<ScriptedConnection> {
    const socket = connect({ host, port });
    const connection = new ScriptedConnection(socket);
    await once(socket, "connect");
    return connection;
  }

  /** All that have come, in order. */
  get frames(): readonly Frame[] {
    return this.#frames;
  }

  get isClosed(): boolean {
    return this.#socket.closed;
  }

  send(frame: Frame): void {
    const body = Buffer.from(JSON.stringify(frame));
    const header = Buffer.alloc(4);
    header.writeUInt32BE(body.length);
    this.#socket.write(Buffer.concat([header, body]));
  }

  /** Hangs up, as soon as what was sent is written. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.closed) return;
    this.#socket.end();
    await once(this.#socket, "close");
  }

  #read(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) {
      const end = 4 + bytes.readUInt32BE();
      this.#frames.push(JSON.parse(bytes.subarray(4, end).toString()) as Frame);
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}
