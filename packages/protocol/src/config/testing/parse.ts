import { RrqError } from "../../errors.ts";
import { parseConfig, type ParseConfigOptions, type ParsedConfig } from "../parse-config.ts";
import type { CronJobSettings, RrqSettings, RunnerSettings } from "../settings.ts";

type Options = Partial<ParseConfigOptions>;

/** Parses `text` as an `rrq.toml`, unless told otherwise for `inspect`. */
export function parse(text: string, options: Options = {}): ParsedConfig {
  return parseConfig(text, { path: "rrq.toml", for: "inspect", ...options });
}

export function settingsOf(text: string, options: Options = {}): RrqSettings {
  return parse(text, options).settings;
}

/** The first runner. */
export function runnerOf(text: string, options: Options = {}): RunnerSettings | undefined {
  return settingsOf(text, options).runners.values().next().value;
}

/** A cron job that has the keys of `text` beside what it must have. */
export function cronJobOf(text: string): CronJobSettings | undefined {
  return settingsOf(`[[cron_jobs]]\nfunction_name = "f"\nschedule = "0 0 3 * * *"\n${text}`).cronJobs[0];
}

/** The message of the `INVALID_CONFIG` that `text` is refused with. */
export function errorOf(text: string, options: Options = {}): string {
  try {
    parse(text, options);
  } catch (error) {
    if (RrqError.is(error, "INVALID_CONFIG")) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}
