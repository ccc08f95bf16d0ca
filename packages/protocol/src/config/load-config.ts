import { RrqError } from "../errors.ts";
import type { RrqSettings } from "./settings.ts";

export interface LoadConfigOptions {
  /** The file; wins over `RRQ_CONFIG` and `rrq.toml` in `cwd`. */
  readonly path?: string;
  /** Where `rrq.toml`, `.env` and relative paths are looked for. @default process.cwd() */
  readonly cwd?: string;
  /** @default process.env; never written to */
  readonly env?: NodeJS.ProcessEnv;
  /** Wins over `runner_management_mode`. */
  readonly runnerMode?: "managed" | "external";
  /** Who asks: a producer does not need a valid runner section. */
  readonly for: "producer" | "worker" | "inspect";
}

export interface LoadedConfig {
  readonly settings: RrqSettings;
  readonly source: { readonly label: string; readonly path: string };
  /** One sentence each, with file and line. */
  readonly warnings: readonly string[];
  /** The environment with the values of `.env` under it: what runners are started with. */
  readonly env: Readonly<Record<string, string>>;
}

/** Finds, reads and checks `rrq.toml`. Throws `CONFIG_NOT_FOUND` or `INVALID_CONFIG`; the message has every problem of the file. */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  throw new RrqError("CONFIG_NOT_FOUND", `not readable yet: ${options.path ?? "rrq.toml"}`);
}
