import { outcome } from "@rrq/protocol";

// What a request is told for which no handler was called. The words are upstream's.

/** All slots are taken, or the runner ends. Our orchestrator tries elsewhere and counts no attempt. */
export const BUSY = outcome.failure("Runner busy: too many in-flight requests");
export const UNSUPPORTED_VERSION = outcome.failure("Unsupported protocol version");
export const UNEXPECTED_RESPONSE = outcome.failure("unexpected response message");
export const INVALID_DEADLINE = outcome.failure("Invalid deadline timestamp");
export const DEADLINE_PASSED = outcome.timeout("Job deadline exceeded");
