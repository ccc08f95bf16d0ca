/** A whole `rrq.toml` with the environment on top: checked, every default filled in. Durations carry their unit. */
export interface RrqSettings {
  readonly redisDsn: string;
  /** A file with the certificates that `rediss://` servers are checked against, beside the system's. */
  readonly tlsCaFile: string | null;
  /** Full key. */
  readonly defaultQueueName: string;
  /** As written; `keys.dlq()` makes the key. */
  readonly defaultDlqName: string;
  /** Attempts in all, of a job that does not say. */
  readonly defaultMaxRetries: number;
  readonly defaultJobTimeoutSeconds: number;
  readonly defaultResultTtlSeconds: number;
  /** `null` unless the file sets it. */
  readonly defaultPollDelaySeconds: number | null;
  readonly defaultUniqueJobLockTtlSeconds: number;
  /** `null` unless it is set: then the only runner there is, else `python` ({@link defaultRunner}). */
  readonly defaultRunnerName: string | null;
  readonly runnerManagementMode: "managed" | "external";
  readonly runners: ReadonlyMap<string, RunnerSettings>;
  /** Queue key → runner name. */
  readonly runnerRoutes: ReadonlyMap<string, string>;
  readonly runnerConnectTimeoutMs: number;
  readonly runnerShutdownTermGraceSeconds: number;
  readonly runnerEnableInflightCancelHints: boolean;
  readonly captureRunnerOutput: boolean;
  readonly baseRetryDelaySeconds: number;
  readonly maxRetryDelaySeconds: number;
  readonly workerShutdownGracePeriodSeconds: number;
  readonly correlationMappings: Readonly<Record<string, string>>;
  readonly cronJobs: readonly CronJobSettings[];
  readonly watch: WatchSettings;

  // Ours, unknown to upstream.
  /** TTL of an orchestrator's heartbeat; another adopts its jobs when it ran out. */
  readonly leaseSeconds: number;
  /** Times a job is taken from a dead orchestrator before it is dead-lettered. */
  readonly maxRescues: number;
  /** Share of a retry delay that is random, 0 to 1. */
  readonly retryJitter: number;
  readonly retryOnTimeout: boolean;
  readonly completionStream: "auto" | "always" | "never";
  readonly eventTtlSeconds: number;
  /** Seconds without Redis after which `rrq worker` exits 1; `null` for never. */
  readonly redisUnavailableExitSeconds: number | null;
  /** Time a handler has to end after its cancel or deadline before its process is replaced. */
  readonly abortGraceMs: number;
  /** Whether managed runners get `RRQ_REDIS_DSN`. */
  readonly runnerPassRedisDsn: boolean;
  /** Where `/live`, `/ready` and `/metrics` are served; `null` for nowhere. */
  readonly http: { readonly host: string; readonly port: number } | null;
}

export interface RunnerSettings {
  readonly name: string;
  /** Empty in external mode if the file has none. */
  readonly cmd: readonly string[];
  readonly poolSize: number;
  readonly maxInFlight: number;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
  readonly tcpHost: string;
  readonly tcpPort: number;
  readonly allowedHosts: readonly string[];
  readonly responseTimeoutSeconds: number | null;
}

export interface CronJobSettings {
  /** Given, or made of function, schedule, queue and params: what a slot is deduplicated by. */
  readonly name: string;
  readonly functionName: string;
  readonly schedule: string;
  /** A JSON object as text, with TOML's numbers as they were written. */
  readonly paramsJson: string;
  /** Full key. */
  readonly queueName: string;
  readonly unique: boolean;
  /** IANA name. */
  readonly timezone: string;
  readonly misfire: "skip" | "once";
}

export interface WatchSettings {
  readonly path: string;
  readonly includePatterns: readonly string[];
  readonly ignorePatterns: readonly string[];
  readonly noGitignore: boolean;
  readonly preRestartCmds: readonly (readonly string[])[];
  readonly preRestartCwd: string | null;
  readonly preRestartTimeoutSeconds: number | null;
}
