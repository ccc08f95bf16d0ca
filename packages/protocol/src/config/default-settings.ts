import { DEFAULT_DLQ, DEFAULT_QUEUE } from "../redis/keys.ts";
import type { RrqSettings } from "./settings.ts";

/** What an empty `rrq.toml` means. Lists of the watch mode are upstream's, and what a TypeScript project adds to them. */
const DEFAULTS: RrqSettings = {
  redisDsn: "redis://localhost:6379/0",
  tlsCaFile: null,
  defaultQueueName: DEFAULT_QUEUE,
  defaultDlqName: DEFAULT_DLQ,
  defaultMaxRetries: 5,
  defaultJobTimeoutSeconds: 300,
  defaultResultTtlSeconds: 86_400,
  defaultPollDelaySeconds: null,
  defaultUniqueJobLockTtlSeconds: 21_600,
  defaultRunnerName: null,
  runnerManagementMode: "managed",
  runners: new Map(),
  runnerRoutes: new Map(),
  runnerConnectTimeoutMs: 15_000,
  runnerShutdownTermGraceSeconds: 5,
  runnerEnableInflightCancelHints: false,
  captureRunnerOutput: false,
  baseRetryDelaySeconds: 5,
  maxRetryDelaySeconds: 3600,
  workerShutdownGracePeriodSeconds: 10,
  correlationMappings: {},
  cronJobs: [],
  watch: {
    path: ".",
    includePatterns: ["*.py", "*.toml", "*.ts", "*.mts", "*.js", "*.mjs"],
    ignorePatterns: [
      ...[".git", ".venv", "target", "dist", "build"].flatMap((name) => [name, `${name}/**`]),
      ...["__pycache__", "node_modules"].flatMap((name) => [name, `**/${name}`, `**/${name}/**`]),
      ...["*.pyc", "**/*.pyc"],
      ...[".ruff_cache", ".pytest_cache"].flatMap((name) => [name, `${name}/**`]),
    ],
    noGitignore: false,
    preRestartCmds: [],
    preRestartCwd: null,
    preRestartTimeoutSeconds: null,
  },
  leaseSeconds: 15,
  maxRescues: 3,
  retryJitter: 0,
  retryOnTimeout: false,
  completionStream: "auto",
  eventTtlSeconds: 300,
  redisUnavailableExitSeconds: null,
  abortGraceMs: 2000,
  runnerPassRedisDsn: false,
  http: null,
};

/** Settings of a program without an `rrq.toml`: every default, with `overrides` on top. Throws `INVALID_CONFIG`. */
export function defaultSettings(overrides: Partial<RrqSettings> = {}): RrqSettings {
  return { ...DEFAULTS, ...overrides };
}
