import { RrqError } from "@rrq/protocol";

/** How Redis begins an error that is about the login, the rights or the database of the connection: asking again does not help. */
const REFUSED_LOGIN =
  /^(?:NOAUTH|WRONGPASS|NOPERM|DENIED|ERR (?:invalid password|Client sent AUTH|AUTH |DB index|invalid DB index|SELECT is not allowed))/i;

/** … that passes without anybody's doing: the server loads, is busy, fails over, or has no room for a client right now. */
const PASSING = /^(?:LOADING|BUSY|MASTERDOWN|TRYAGAIN|CLUSTERDOWN|FAILOVER|UNBLOCKED|ERR max number of clients)/i;

/** The scripts say this for a key of another type, before they write anything; the key stands behind it. */
const WRONG_TYPE = "WRONGTYPE ";

/**
 * What a Redis client threw, as an error of ours. `REDIS_UNAVAILABLE`: not sent, or sent and its fate unknown; also a server
 * that is loading or failing over. `WRONG_TYPE` and `REDIS_REFUSED`: Redis answered, and said no. `doing` is the script or command.
 *
 * The error of the client is not kept as the cause: ioredis hangs the command with all its arguments on it, passwords among them.
 */
export function toRedisError(doing: string, error: unknown): RrqError {
  if (RrqError.is(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (!isReply(error)) return new RrqError("REDIS_UNAVAILABLE", `Redis did not answer ${doing}: ${inOurWords(text)}`);
  return toRefusal(doing, text);
}

/** As {@link toRedisError}, for the text of an error that Redis answered. */
export function toRefusal(doing: string, text: string): RrqError {
  if (PASSING.test(text)) return new RrqError("REDIS_UNAVAILABLE", `Redis cannot take ${doing} now: ${text}`);
  const code = text.includes(WRONG_TYPE) ? "WRONG_TYPE" : "REDIS_REFUSED";
  return new RrqError(code, `Redis refused ${doing}: ${text}`);
}

/** ioredis speaks of its options here. */
function inOurWords(text: string): string {
  if (text.startsWith("Stream isn't writeable")) return "there is no connection, and it was not sent";
  if (text.startsWith("Reached the max retries per request")) return "the connection broke, and its fate is unknown";
  return text;
}

/** Whether Redis answered this error, rather than the client or the network. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}

/** Whether a reply to a greeting will be the same the next time. */
export function isRefusedLogin(error: unknown): error is Error {
  return isReply(error) && REFUSED_LOGIN.test(error.message);
}

/**
 * Whether the same call may succeed by itself a little later. A replica's refusal to write is among those: a failover ends,
 * or the client finds the new master.
 */
export function mayPass(error: unknown): boolean {
  return RrqError.is(error, "REDIS_UNAVAILABLE") || (RrqError.is(error, "REDIS_REFUSED") && error.message.includes("READONLY"));
}
