import { Redis } from "ioredis";

export interface ConnectOptions {
  /** Shown in `CLIENT LIST`. */
  readonly name?: string;
}

/** Opens a connection. */
export async function connect(dsn: string, options: ConnectOptions = {}): Promise<Redis> {
  const redis = new Redis(dsn, {
    lazyConnect: true,
    autoResendUnfulfilledCommands: false,
    ...(options.name === undefined ? {} : { connectionName: options.name }),
  });
  await redis.connect();
  return redis;
}
