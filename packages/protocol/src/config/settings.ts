/** A whole `rrq.toml` with the environment on top: checked, every default filled in. Durations carry their unit. */
export interface RrqSettings {
  /** As written; looked at when somebody connects. `redactDsn()` shows it. */
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
  /** Seconds that a result is kept; 0 for ever, below 0: the TTL of the hash is left as it is. */
  readonly defaultResultTtlSeconds: number;
  /** Above 0; `null` unless the file sets it. */
  readonly defaultPollDelaySeconds: number | null;
  /** Seconds that an idempotency key of a producer holds. */
  readonly defaultUniqueJobLockTtlSeconds: number;
  /** `null` unless it is set: then the only runner there is, else `python` ({@link defaultRunner}). */
  readonly defaultRunnerName: string | null;
  readonly runnerManagementMode: "managed" | "external";
  /** By name; empty for a producer. */
  readonly runners: ReadonlyMap<string, RunnerSettings>;
  /** Full queue key → runner name; empty for a producer. */
  readonly runnerRoutes: ReadonlyMap<string, string>;
  readonly runnerConnectTimeoutMs: number;
  /** From SIGTERM to SIGKILL; 0: at once. */
  readonly runnerShutdownTermGraceSeconds: number;
  /** Upstream's switch for cancel frames on a timeout and at shutdown. */
  readonly runnerEnableInflightCancelHints: boolean;
  /** Whether what runners print is logged line by line; otherwise they print for themselves. */
  readonly captureRunnerOutput: boolean;
  readonly baseRetryDelaySeconds: number;
  readonly maxRetryDelaySeconds: number;
  readonly workerShutdownGracePeriodSeconds: number;
  /** Attribute of logs and spans → path in the params. */
  readonly correlationMappings: Readonly<Record<string, string>>;
  readonly cronJobs: readonly CronJobSettings[];
  readonly watch: WatchSettings;

  // Ours, unknown to upstream.
  /** TTL of an orchestrator's heartbeat; another adopts its jobs when it ran out. May be a fraction. */
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

/** One `[rrq.runners.<name>]`. */
export interface RunnerSettings {
  readonly name: string;
  /** Program and arguments. Empty in external mode if the file has none. */
  readonly cmd: readonly string[];
  /** Processes; 1 in external mode. */
  readonly poolSize: number;
  /** Requests at a time that one process takes. */
  readonly maxInFlight: number;
  /** Variables beside the inherited ones. */
  readonly env: Readonly<Record<string, string>>;
  /** `null` for the orchestrator's own. */
  readonly cwd: string | null;
  /** `127.0.0.1` in managed mode; else an address or a name that is not resolved yet, allowed and without brackets. */
  readonly tcpHost: string;
  /** Of the first process; the others have the next ones. */
  readonly tcpPort: number;
  /** Hosts beyond this machine that may be connected to. */
  readonly allowedHosts: readonly string[];
  /** `null` for no limit but the job's own. */
  readonly responseTimeoutSeconds: number | null;
}

/** One `[[rrq.cron_jobs]]`. */
export interface CronJobSettings {
  /** Given, or made of function, schedule, queue, params and time zone: what a slot is deduplicated by. */
  readonly name: string;
  readonly functionName: string;
  /** As written: not checked yet. */
  readonly schedule: string;
  /** A JSON object as text, with TOML's numbers as they were written. */
  readonly paramsJson: string;
  /** Full key. */
  readonly queueName: string;
  /** No new job while the last one is not finished. */
  readonly unique: boolean;
  /** IANA name. */
  readonly timezone: string;
  /** What becomes of slots that passed while no orchestrator ran: nothing, or one job for all of them. */
  readonly misfire: "skip" | "once";
}

/** `[rrq.watch]`. */
export interface WatchSettings {
  readonly path: string;
  readonly includePatterns: readonly string[];
  readonly ignorePatterns: readonly string[];
  readonly noGitignore: boolean;
  /** Commands with their arguments, run in order before each start. */
  readonly preRestartCmds: readonly (readonly string[])[];
  /** `null` for `path`. */
  readonly preRestartCwd: string | null;
  /** Of each command; `null` for no limit. */
  readonly preRestartTimeoutSeconds: number | null;
}
