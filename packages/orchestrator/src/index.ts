export type { Log, LogFields } from "./log.ts";
export type { OrchestratorOptions } from "./options.ts";
export { type Orchestrator, startOrchestrator } from "./orchestrator.ts";
