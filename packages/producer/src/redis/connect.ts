import { createSecureContext } from "node:tls";
import { RrqError } from "@rrq/protocol";
import { systemClock } from "@rrq/protocol/runtime";
import { Redis, type RedisOptions } from "ioredis";
import { checkServer } from "./check-server.ts";
import { isFinal, toConnectError } from "./connect-error.ts";
import { describeAddress, parseDsn, type RedisAddress } from "./dsn.ts";
import { isRefusedLogin } from "./redis-errors.ts";
import { trustedCertificates } from "./trusted-certificates.ts";
import { untilReady } from "./until-ready.ts";

export interface ConnectOptions {
  /** Shown in `CLIENT LIST`. */
  readonly name?: string;
  /** A PEM file with certificates that `rediss://` servers are checked against, beside the system's. */
  readonly tlsCaFile?: string | null;
  /** Milliseconds to keep trying, at first and again after a loss. @default null: for ever */
  readonly giveUpAfterMs?: number | null;
  /** A connection on which a command waits for its answer so many milliseconds is dropped and opened again. @default 10_000, at most `giveUpAfterMs` */
  readonly answerTimeoutMs?: number;
  /** Ends the first wait for Redis. Later, `disconnect()` does. */
  readonly signal?: AbortSignal;
  /** Hears of every error of the connection, each failed try to open it among them; it goes on by itself. */
  readonly onTrouble?: (error: RrqError) => void;
}

const ANSWER_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_PAUSE_MS = 2_000;

/**
 * Opens a connection, and answers once Redis is there, has let us in and is one that we can work with. Rejects with
 * `INVALID_ARGUMENT` (the DSN, the certificates), `REDIS_REFUSED` at once (login, database, rights), `REDIS_UNSUPPORTED`,
 * `REDIS_UNAVAILABLE` after `giveUpAfterMs` (a certificate that does not convince us: at once), or `ABORTED`.
 *
 * A lost connection is opened again with growing pauses. Until it is back, every command is refused at once, and one that waits for
 * its answer at the moment of the loss is rejected: nothing is queued, and nothing is ever sent a second time behind the caller's back.
 */
export async function connect(dsn: string, options: ConnectOptions = {}): Promise<Redis> {
  const address = parseDsn(dsn);
  const { giveUpAfterMs = null, signal, onTrouble } = options;
  const redis = new Redis(await clientOptions(address, options));
  let opened = false;
  redis.on("error", (error: Error) => {
    // Without this, ioredis would go on in database 0.
    if (isRefusedLogin(error)) redis.disconnect(opened);
    onTrouble?.(toConnectError(address, error));
  });
  try {
    redis.connect().catch(() => undefined); // told by the events
    await untilReady(redis, { address, timeoutMs: giveUpAfterMs, isFinal, ...(signal && { signal }) });
    await checkServer(redis, describeAddress(address));
  } catch (error) {
    redis.disconnect();
    throw RrqError.is(error) ? error : toConnectError(address, error);
  }
  opened = true;
  return redis;
}

/** Replies keep the one shape that both protocols can have. */
type ClientOptions = Omit<RedisOptions, "replyMapping">;

async function clientOptions(address: RedisAddress, options: ConnectOptions): Promise<ClientOptions> {
  const { name, tlsCaFile = null, giveUpAfterMs = null } = options;
  const limit = giveUpAfterMs ?? Number.POSITIVE_INFINITY;
  const { username, password, db, protocol } = address;
  const pause = growingPause(giveUpAfterMs);
  return {
    ...(await location(address, tlsCaFile)),
    ...(password !== null && { password, ...(username !== null && { username }) }),
    ...(protocol !== null && { protocol }),
    ...(name !== undefined && { connectionName: name }),
    db,
    lazyConnect: true,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // A command is sent now or refused now. With 0, ioredis rejects what is under way when a connection breaks; it forgets it otherwise.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: pause,
    sentinelRetryStrategy: pause,
    reconnectOnError: (error) => error.message.includes("READONLY"),
    connectTimeout: Math.min(CONNECT_TIMEOUT_MS, limit),
    socketTimeout: Math.min(options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS, limit),
    sentinelCommandTimeout: Math.min(CONNECT_TIMEOUT_MS, limit),
    maxLoadingRetryTime: 500,
    keepAlive: 10_000,
    disconnectTimeout: 250,
  };
}

async function location(address: RedisAddress, tlsCaFile: string | null): Promise<ClientOptions> {
  switch (address.kind) {
    case "unix":
      return { path: address.path };
    case "sentinel":
      return { sentinels: address.sentinels.map(({ host, port }) => ({ host, port })), name: address.master };
    case "tcp": {
      const { host, port, tls } = address;
      if (!tls) return { host, port };
      const secureContext = createSecureContext({ ca: await trustedCertificates(tlsCaFile) });
      return { host, port, tls: { secureContext } };
    }
  }
}

/** Milliseconds before try number `attempt`, from 1; `null` when it was given up. Each loss starts anew. */
function growingPause(giveUpAfterMs: number | null): (attempt: number) => number | null {
  let since = systemClock.monotonic();
  return (attempt) => {
    if (attempt === 1) since = systemClock.monotonic();
    if (giveUpAfterMs !== null && systemClock.monotonic() - since >= giveUpAfterMs) return null;
    return Math.min(MAX_PAUSE_MS, 25 * 2 ** attempt) * (0.75 + Math.random() / 2);
  };
}
