/** The only version of the protocol. */
export const PROTOCOL_VERSION = "2";

/** Requests that a runner takes on one connection at a time. */
export const MAX_IN_FLIGHT_PER_CONNECTION = 64;

/** `attempt` is an unsigned integer of 32 bits to upstream. */
export const MAX_ATTEMPT = 2 ** 32 - 1;
