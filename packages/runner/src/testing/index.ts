export { ManualClock } from "@rrq/protocol/runtime";
export { runHandler, type RunHandlerOptions } from "./run-handler.ts";
