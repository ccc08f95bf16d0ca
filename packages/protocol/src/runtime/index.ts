// Internal to the RRQ packages: no promise is made for this subpath.
export { type Clock, systemClock } from "./clock.ts";
export { ManualClock } from "./manual-clock.ts";
export { repeat, type RepeatOptions } from "./repeat.ts";
export { ResourceStack } from "./resource-stack.ts";
