import type { Socket } from "node:net";
import { type ExecutionOutcome, type ExecutionRequest, outcome } from "@rrq/protocol";
import type { Clock } from "@rrq/protocol/runtime";
import {
  decodeMessage,
  encodeResponse,
  FrameReader,
  FramingLostError,
  MAX_IN_FLIGHT_PER_CONNECTION,
  type Message,
  PROTOCOL_VERSION,
} from "@rrq/protocol/wire";
import { CANCELLED } from "./abort-reasons.ts";
import type { Log } from "./log.ts";
import { Outbox } from "./outbox.ts";
import { BUSY, UNEXPECTED_RESPONSE, UNSUPPORTED_VERSION } from "./refusals.ts";
import type { JobListener } from "./run-job.ts";
import type { RunningJobs } from "./running-jobs.ts";
import type { Telemetry } from "./telemetry.ts";
import { unsendable } from "./to-outcome.ts";

export interface ConnectionDeps {
  readonly jobs: RunningJobs;
  readonly telemetry: Telemetry | null;
  readonly log: Log;
  /** Whether requests are taken on; else they are told that the runner is busy. */
  readonly accepting: () => boolean;
}

/** The ids that an answer carries. */
interface Ids {
  readonly jobId: string;
  readonly requestId: string | null;
}

/**
 * One socket of an orchestrator. Requests on it run at the same time and are answered in the order they end. A bad request is
 * answered with an error; only bytes that are no frames close the connection, and its end cancels what came in on it.
 */
export class Connection implements JobListener {
  readonly #socket: Socket;
  readonly #deps: ConnectionDeps;
  readonly #peer: string;
  readonly #reader = new FrameReader();
  readonly #outbox: Outbox;
  /** Frames that were read when the outbox was full; they are taken in when it has drained, and nothing more is read. */
  #backlog: Buffer[] = [];
  /** Requests whose handler has not ended, answered or not. */
  #inFlight = 0;

  constructor(socket: Socket, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#outbox = new Outbox(socket);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("drain", () => this.#takeAll([]));
    socket.on("end", () => this.#cancelAll());
    socket.on("close", () => this.#cancelAll());
    socket.on("error", (error) => deps.log.debug("connection failed", { peer: this.#peer, error: error.message }));
  }

  /** Sends what waits to be sent and ends the connection, by force after `limitMs`. */
  async close(clock: Clock, limitMs: number): Promise<void> {
    const socket = this.#socket;
    if (socket.closed) return;
    this.#outbox.flush();
    socket.end();
    // What is not read when a socket closes makes the system take back what was sent: so read on until the other side ends.
    socket.resume();
    const stop = clock.after(limitMs, () => socket.destroy());
    await new Promise((resolve) => socket.once("close", resolve));
    stop();
  }

  answer(ids: Ids, told: ExecutionOutcome): ExecutionOutcome {
    try {
      this.#outbox.send(encodeResponse(ids, told));
      return told;
    } catch (error) {
      const instead = unsendable(error);
      this.#answerInstead(ids, instead);
      return instead;
    }
  }

  ended(): void {
    this.#inFlight -= 1;
  }

  #receive(chunk: Buffer): void {
    try {
      this.#takeAll(this.#reader.push(chunk));
    } catch (error) {
      if (!(error instanceof FramingLostError)) throw error;
      this.#takeAll(error.bodies);
      this.#hangUp(error.message);
    }
  }

  /** Who does not read its answers gets to ask nothing more, so that they do not fill our memory. */
  #takeAll(more: readonly Buffer[]): void {
    const bodies = this.#backlog.length === 0 ? more : this.#backlog.splice(0).concat(more);
    for (const [index, body] of bodies.entries()) {
      if (this.#socket.destroyed) return;
      if (this.#outbox.full) {
        this.#backlog = bodies.slice(index);
        break;
      }
      this.#take(decodeMessage(body));
    }
    if (this.#outbox.full) this.#socket.pause();
    else this.#socket.resume();
  }

  #take(message: Message): void {
    switch (message.kind) {
      case "request":
        this.#takeRequest(message.request, message.protocolVersion);
        return;
      case "cancel":
        if (message.protocolVersion === PROTOCOL_VERSION) this.#cancel(message);
        return;
      case "response":
        this.answer({ jobId: "unknown", requestId: null }, UNEXPECTED_RESPONSE);
        return;
      case "invalid":
        this.#refuse(message);
        return;
      default:
        message satisfies never;
    }
  }

  #takeRequest(request: ExecutionRequest, protocolVersion: string): void {
    if (protocolVersion !== PROTOCOL_VERSION) {
      this.answer(request, UNSUPPORTED_VERSION);
    } else if (this.#inFlight >= MAX_IN_FLIGHT_PER_CONNECTION || !this.#deps.accepting()) {
      this.answer(request, BUSY);
    } else {
      this.#inFlight += 1;
      this.#deps.telemetry?.inFlight(this.#inFlight);
      this.#deps.jobs.start(request, this);
    }
  }

  #cancel(target: Extract<Message, { kind: "cancel" }>): void {
    const met = this.#deps.jobs.cancel(target, CANCELLED);
    if (met > 0) this.#deps.telemetry?.cancelled(target.requestId === null ? "job" : "request");
  }

  /** Answers where there is somebody to answer; else the frame is dropped, unless nothing can be made of it at all. */
  #refuse({ type, reason, jobId, requestId }: Extract<Message, { kind: "invalid" }>): void {
    if (type === "response") {
      this.answer({ jobId: "unknown", requestId: null }, UNEXPECTED_RESPONSE);
    } else if (type !== "cancel" && jobId !== null && requestId !== null) {
      this.answer({ jobId, requestId }, outcome.failure(`Invalid request: ${reason}`));
    } else if (type === null) {
      this.#hangUp(reason);
    } else {
      this.#deps.log.warn("invalid frame dropped", { peer: this.#peer, type, reason });
    }
  }

  #answerInstead(ids: Ids, instead: ExecutionOutcome): void {
    try {
      this.#outbox.send(encodeResponse(ids, instead));
    } catch (error) {
      // Ids so long that no answer can carry them: the asker is to notice, and not to wait for ever.
      this.#hangUp(error instanceof Error ? error.message : String(error));
    }
  }

  #hangUp(reason: string): void {
    this.#deps.log.warn("connection closed for an invalid frame", { peer: this.#peer, reason });
    this.#outbox.flush();
    this.#socket.destroy();
  }

  #cancelAll(): void {
    if (this.#inFlight > 0) this.#deps.jobs.abortOf(this, CANCELLED);
  }
}
