import type { ExecutionOutcome } from "../outcome.ts";
import type { ExecutionRequest } from "../runner.ts";

/** What the body of a frame says. */
export type Message =
  | { readonly kind: "request"; readonly protocolVersion: string; readonly request: ExecutionRequest }
  | {
      readonly kind: "response";
      readonly jobId: string | null;
      readonly requestId: string | null;
      readonly outcome: ExecutionOutcome;
    }
  | {
      readonly kind: "cancel";
      readonly protocolVersion: string;
      readonly jobId: string;
      /** `null`: every request of that job. */
      readonly requestId: string | null;
      readonly hardKill: boolean;
    }
  | {
      /** Not a message of this protocol. Ids are there whenever they can be read, so that only that request fails. */
      readonly kind: "invalid";
      readonly type: "request" | "response" | "cancel" | null;
      readonly reason: string;
      readonly jobId: string | null;
      readonly requestId: string | null;
    };

/** Reads the body of a frame. Never throws. */
export function decodeMessage(body: Buffer): Message {
  throw new Error(`not written yet: ${body.length}`);
}
