import type { Socket } from "node:net";
import { decodeMessage, FrameReader, FramingLostError, type Message } from "@rrq/protocol/wire";

export interface FrameSocketEvents {
  onMessage(message: Message): void;
  /** Nothing comes or goes any more, and it was not us who closed. Called once; the text is upstream's. */
  onLost(reason: string): void;
}

/** A socket that carries frames. Those of one turn of the event loop leave in one write. */
export class FrameSocket {
  readonly #socket: Socket;
  readonly #events: FrameSocketEvents;
  readonly #reader = new FrameReader();
  #waiting: Buffer[] = [];
  #turn = 0;
  #open = true;

  constructor(socket: Socket, events: FrameSocketEvents) {
    this.#socket = socket;
    this.#events = events;
    let cause: Error | undefined;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("end", () => this.#lose("runner connection closed"));
    socket.on("error", (error) => (cause = error));
    socket.on("close", () =>
      this.#lose(cause === undefined ? "runner connection closed" : `runner connection failed: ${cause.message}`),
    );
    if (socket.destroyed) queueMicrotask(() => this.#lose("runner connection closed")); // its events are over
  }

  /** Counts the writes: what was given to {@link send} in an earlier turn has been handed to the system. */
  get turn(): number {
    return this.#turn;
  }

  /** Sends a whole frame at the end of this turn. */
  send(frame: Buffer): void {
    if (!this.#open) return;
    if (this.#waiting.push(frame) === 1) setImmediate(this.#flush);
  }

  /** Hangs up at once. */
  close(): void {
    this.#open = false;
    this.#waiting = [];
    this.#socket.destroy();
  }

  readonly #flush = (): void => {
    if (!this.#open) return;
    const frames = this.#waiting;
    this.#waiting = [];
    this.#turn += 1;
    this.#socket.cork();
    for (const frame of frames) this.#socket.write(frame);
    this.#socket.uncork();
  };

  #read(chunk: Buffer): void {
    try {
      this.#tell(this.#reader.push(chunk));
    } catch (error) {
      if (!(error instanceof FramingLostError)) throw error;
      this.#tell(error.bodies);
      this.#lose(`runner connection read failed: ${error.message}`);
    }
  }

  #tell(bodies: readonly Buffer[]): void {
    for (const body of bodies) {
      if (this.#open) this.#events.onMessage(decodeMessage(body));
    }
  }

  #lose(reason: string): void {
    if (!this.#open) return;
    this.close();
    this.#events.onLost(reason);
  }
}
