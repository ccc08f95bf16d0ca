export { defaultRunner } from "./default-runner.ts";
export { type CronJobInput, defaultSettings, type RunnerInput, type SettingsInput } from "./default-settings.ts";
export { type ConfigSource, loadConfig, type LoadConfigOptions, type LoadedConfig } from "./load-config.ts";
export { type LoadedEnvironment, loadEnvironment, type LoadEnvironmentOptions } from "./load-environment.ts";
export { parseConfig, type ParseConfigOptions, type ParsedConfig } from "./parse-config.ts";
export type { Reader } from "./read-settings.ts";
export type { CronJobSettings, RrqSettings, RunnerSettings, WatchSettings } from "./settings.ts";
