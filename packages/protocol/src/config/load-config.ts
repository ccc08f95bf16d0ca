import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { RrqError } from "../errors.ts";
import { isFile, loadEnvironment, type LoadEnvironmentOptions } from "./load-environment.ts";
import { parseConfig } from "./parse-config.ts";
import type { Reader } from "./read-settings.ts";
import type { RrqSettings } from "./settings.ts";

export interface LoadConfigOptions extends LoadEnvironmentOptions {
  /** The file; wins over `RRQ_CONFIG` and `rrq.toml` in `cwd`. */
  readonly path?: string | undefined;
  /** Wins over `runner_management_mode`. */
  readonly runnerMode?: "managed" | "external" | undefined;
  /** Who asks: a producer does not need a valid runner section, and gets none. */
  readonly for: Reader;
}

export interface ConfigSource {
  /** How it was found, as the command line tells it: `--config parameter`, `RRQ_CONFIG env var`, `rrq.toml in cwd`. */
  readonly label: string;
  /** As it was given. */
  readonly path: string;
}

export interface LoadedConfig {
  readonly settings: RrqSettings;
  readonly source: ConfigSource;
  /** One sentence or more each, with the place. */
  readonly warnings: readonly string[];
  /** The environment with the values of `.env` under it: what runners are started with. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Finds, reads and checks `rrq.toml`, with `RRQ_REDIS_DSN` and `RRQ_CAPTURE_RUNNER_OUTPUT` of the environment or of `.env` on
 * top. Throws `CONFIG_NOT_FOUND`, or one `INVALID_CONFIG` that tells every problem, each with line, column and key.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const { cwd = process.cwd() } = options;
  const { env, warnings } = await loadEnvironment(options);
  const source = await findConfig(options.path, env, cwd);
  const text = await readText(source, cwd);
  const { for: reader, runnerMode } = options;
  const parsed = parseConfig(text, { path: source.path, env, runnerMode, for: reader });
  return { settings: parsed.settings, source, warnings: [...warnings, ...parsed.warnings], env };
}

async function findConfig(path: string | undefined, env: NodeJS.ProcessEnv, cwd: string): Promise<ConfigSource> {
  if (path !== undefined) return { label: "--config parameter", path };
  if (env["RRQ_CONFIG"]) return { label: "RRQ_CONFIG env var", path: env["RRQ_CONFIG"] };
  if (await isFile(resolve(cwd, "rrq.toml"))) return { label: "rrq.toml in cwd", path: "rrq.toml" };
  throw new RrqError("CONFIG_NOT_FOUND", "RRQ config not found. Provide --config, set RRQ_CONFIG, or add rrq.toml.");
}

async function readText({ path, label }: ConfigSource, cwd: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path === "" ? path : resolve(cwd, path));
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const reason = isMissing ? "there is no such file" : error instanceof Error ? error.message : String(error);
    const message = `failed to read config at ${path} (${label}): ${reason}`;
    throw new RrqError(isMissing ? "CONFIG_NOT_FOUND" : "INVALID_CONFIG", message, { cause: error });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new RrqError("INVALID_CONFIG", `failed to read config at ${path} (${label}): it is not UTF-8`, { cause: error });
  }
}
