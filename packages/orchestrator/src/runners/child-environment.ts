/**
 * What a managed runner finds in its environment: that of the pool, its own `env` table on top, and where to listen.
 * The Redis DSN holds a password that a runner has no use for, so it is handed on only when somebody asked for it.
 */
export function childEnvironment(options: {
  /** The process's environment and the values of `.env`. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** The runner's `env` table. */
  readonly own: Readonly<Record<string, string>>;
  readonly passRedisDsn: boolean;
  readonly address: string;
  readonly parentPid: number;
}): Record<string, string | undefined> {
  const { RRQ_REDIS_DSN: dsn, ...inherited } = options.inherited;
  return {
    ...inherited,
    ...(options.passRedisDsn && dsn !== undefined ? { RRQ_REDIS_DSN: dsn } : {}),
    ...options.own,
    RRQ_RUNNER_TCP_SOCKET: options.address,
    RRQ_RUNNER_PARENT_PID: String(options.parentPid),
  };
}
