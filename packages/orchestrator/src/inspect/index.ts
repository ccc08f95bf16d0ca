export { type Inspector, type InspectorOptions, openInspector } from "./open-inspector.ts";
export type { QueueSummary } from "./list-queues.ts";
export type { WorkerSummary } from "./list-workers.ts";
