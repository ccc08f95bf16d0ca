/** The only version of the protocol. */
export const PROTOCOL_VERSION = "2";

/** Requests that a runner takes on one connection at a time. */
export const MAX_IN_FLIGHT_PER_CONNECTION = 64;
