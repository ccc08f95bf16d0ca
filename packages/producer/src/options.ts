import { type JobLike, RrqError } from "@rrq/protocol";
import { defaultSettings, loadConfig, type RrqSettings } from "@rrq/protocol/config";
import { MAX_TIMEOUT_SECONDS, MAX_TTL_SECONDS } from "@rrq/protocol/redis";
import { checkSeconds, checkStrings, checkText, checkWhole, invalidOption, MAX_ATTEMPTS } from "./option-check.ts";
import { parseDsn, type RedisLike } from "./redis/index.ts";

/** How a producer finds Redis, and what its jobs have when nobody says otherwise. */
export interface ProducerOptions {
  /** Where Redis is, for example `redis://localhost:6379/0`. */
  readonly redisUrl?: string | undefined;
  /** Path of an `rrq.toml`, or its settings. Without `redisUrl` and `redis` too, the file is looked for as everywhere in RRQ. */
  readonly config?: string | RrqSettings | undefined;
  /** An ioredis client (5 or 6) of yours, without a `keyPrefix`. It stays open when the producer closes. */
  readonly redis?: RedisLike | undefined;
  /** A PEM file with certificates that `rediss://` servers are checked against, beside the system's. @default `tls_ca_file` of the settings */
  readonly tlsCaFile?: string | undefined;
  /** What a job has unless its call or its contract says otherwise. @default the settings of `rrq.toml` */
  readonly defaults?: { readonly [Name in keyof ProducerDefaults]?: ProducerDefaults[Name] | undefined } | undefined;
  /** Name of an attribute for spans and logs → dotted path into the params. @default `correlation_mappings` of the settings */
  readonly correlationMappings?: Readonly<Record<string, string>> | undefined;
  /** Seconds that a call keeps trying while Redis cannot be reached. @default 10 */
  readonly giveUpAfterSeconds?: number | undefined;
  /** Closes the producer. */
  readonly signal?: AbortSignal | undefined;
}

/** What a job has unless its call or its contract says otherwise. */
export interface ProducerDefaults {
  /** @default "default" */
  readonly queue: string;
  /** @default 5 */
  readonly maxAttempts: number;
  /** @default 300 */
  readonly timeoutSeconds: number;
  /** @default 86_400 */
  readonly resultTtlSeconds: number;
  /** @default 21_600 */
  readonly idempotencyTtlSeconds: number;
}

export type RedisSource =
  | { readonly kind: "dsn"; readonly dsn: string; readonly tlsCaFile: string | null }
  | { readonly kind: "client"; readonly redis: RedisLike };

export interface ProducerSettings {
  readonly source: RedisSource;
  readonly defaults: ProducerDefaults;
  readonly correlationMappings: Readonly<Record<string, string>>;
}

const GIVE_UP_AFTER_SECONDS = 10;

/** Everything that can be checked at once. Throws `INVALID_ARGUMENT`, or `REDIS_UNSUPPORTED` for a client that we cannot work with. */
export function checkOptions(options: ProducerOptions): { readonly giveUpAfterMs: number } {
  const { redisUrl, redis, config } = options;
  if (redisUrl !== undefined && redis !== undefined) {
    throw new RrqError("INVALID_ARGUMENT", "redisUrl and redis exclude each other: both say where Redis is");
  }
  if (redisUrl !== undefined) parseDsn(redisUrl);
  if (redis !== undefined) checkClient(redis);
  if (config !== undefined && typeof config !== "object" && (typeof config !== "string" || config === "")) {
    throw invalidOption("config", "the path of an rrq.toml, or settings", config);
  }
  checkStrings("correlationMappings", options.correlationMappings);
  checkDefaults(options.defaults ?? {});
  const giveUpAfterMs = checkSeconds("giveUpAfterSeconds", options.giveUpAfterSeconds ?? GIVE_UP_AFTER_SECONDS, "above zero", 86_400);
  return { giveUpAfterMs };
}

function checkDefaults(defaults: NonNullable<ProducerOptions["defaults"]>): void {
  const { queue, maxAttempts, timeoutSeconds, resultTtlSeconds, idempotencyTtlSeconds } = defaults;
  if (queue !== undefined) checkText("defaults.queue", queue);
  if (maxAttempts !== undefined) checkWhole("defaults.maxAttempts", maxAttempts, 1, MAX_ATTEMPTS);
  if (timeoutSeconds !== undefined) checkWhole("defaults.timeoutSeconds", timeoutSeconds, 1, MAX_TIMEOUT_SECONDS);
  if (resultTtlSeconds !== undefined) checkWhole("defaults.resultTtlSeconds", resultTtlSeconds, -1, MAX_TTL_SECONDS);
  if (idempotencyTtlSeconds !== undefined) {
    checkSeconds("defaults.idempotencyTtlSeconds", idempotencyTtlSeconds, "above zero", MAX_TTL_SECONDS);
  }
}

/** Reads the file if there is one to read. Rejects with `CONFIG_NOT_FOUND` or `INVALID_CONFIG`. */
export async function resolveOptions(options: ProducerOptions): Promise<ProducerSettings> {
  const { redisUrl, redis, tlsCaFile, defaults = {} } = options;
  const rrq = await readSettings(options);
  return {
    source:
      redis === undefined
        ? { kind: "dsn", dsn: redisUrl ?? rrq.redisDsn, tlsCaFile: tlsCaFile ?? rrq.tlsCaFile }
        : { kind: "client", redis },
    defaults: {
      queue: defaults.queue ?? rrq.defaultQueueName,
      maxAttempts: defaults.maxAttempts ?? Math.max(1, rrq.defaultMaxRetries),
      timeoutSeconds: defaults.timeoutSeconds ?? rrq.defaultJobTimeoutSeconds,
      resultTtlSeconds: defaults.resultTtlSeconds ?? Math.max(-1, rrq.defaultResultTtlSeconds),
      idempotencyTtlSeconds: defaults.idempotencyTtlSeconds ?? rrq.defaultUniqueJobLockTtlSeconds,
    },
    correlationMappings: options.correlationMappings ?? rrq.correlationMappings,
  };
}

async function readSettings({ redisUrl, redis, config }: ProducerOptions): Promise<RrqSettings> {
  if (typeof config === "object") return config;
  if (config === undefined && (redisUrl !== undefined || redis !== undefined)) return defaultSettings();
  const { settings } = await loadConfig({ for: "producer", ...(config !== undefined && { path: config }) });
  return settings;
}

/** The producer's defaults with those of the job's contract on top. */
export function defaultsFor(job: JobLike, defaults: ProducerDefaults): ProducerDefaults {
  if (typeof job === "string") return defaults;
  const { queue, maxAttempts, timeoutSeconds } = job;
  return {
    ...defaults,
    ...(queue !== null && { queue }),
    ...(maxAttempts !== null && { maxAttempts }),
    ...(timeoutSeconds !== null && { timeoutSeconds }),
  };
}

/** With a prefix, our KEYS would have it and the keys that scripts find for themselves would not. */
function checkClient(redis: RedisLike & { readonly options?: { readonly keyPrefix?: unknown }; readonly isCluster?: unknown }): void {
  if (typeof redis.evalsha !== "function" || typeof redis.duplicate !== "function") {
    throw new RrqError("INVALID_ARGUMENT", "redis takes a client of ioredis 5 or 6; use redisUrl for anything else");
  }
  if (redis.isCluster === true) {
    throw new RrqError("REDIS_UNSUPPORTED", "redis is a client of a Redis Cluster, which producers do not speak to");
  }
  if (redis.options?.keyPrefix) {
    throw new RrqError("REDIS_UNSUPPORTED", "redis has a keyPrefix: no other process would find its jobs; use another database, or no prefix");
  }
}
