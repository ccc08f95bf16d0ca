import type { ExecutionOutcome } from "../outcome.ts";
import type { ExecutionRequest } from "../runner.ts";

export type MessageType = "request" | "response" | "cancel";

/** Orchestrator to runner: execute this. */
export interface RequestMessage {
  readonly kind: "request";
  /** Not checked: a runner answers a request of another version with an error. */
  readonly protocolVersion: string;
  readonly request: ExecutionRequest;
}

/** Runner to orchestrator: so it ended. `result` and `error.details` are `JsonText`. */
export interface ResponseMessage {
  readonly kind: "response";
  readonly jobId: string | null;
  readonly requestId: string | null;
  readonly outcome: ExecutionOutcome;
}

/** Orchestrator to runner: stop that. Never answered itself. */
export interface CancelMessage {
  readonly kind: "cancel";
  /** Not checked: a runner ignores a cancel of another version. */
  readonly protocolVersion: string;
  readonly jobId: string;
  /** `null`: every request of that job. */
  readonly requestId: string | null;
  readonly hardKill: boolean;
}

/**
 * A frame that is no message. The ids are there whenever they can be read, so that a runner can answer with an error and
 * an orchestrator fail just that request. Without them there is nobody to answer.
 */
export interface InvalidMessage {
  readonly kind: "invalid";
  /** What it set out to be; `null` if that is unknown. */
  readonly type: MessageType | null;
  readonly reason: string;
  readonly jobId: string | null;
  readonly requestId: string | null;
}

/** What the body of a frame says. */
export type Message = RequestMessage | ResponseMessage | CancelMessage | InvalidMessage;
