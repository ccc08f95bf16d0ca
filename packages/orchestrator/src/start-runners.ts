import type { Runner } from "@rrq/protocol";
import { ResourceStack } from "@rrq/protocol/runtime";
import type { Log } from "./log.ts";
import type { OrchestratorSettings } from "./options.ts";

/** The runners of one orchestrator, by name. */
export interface Runners extends AsyncDisposable {
  readonly byName: ReadonlyMap<string, Runner>;
  /** Ends all of them. Twice is fine. */
  close(): Promise<void>;
}
