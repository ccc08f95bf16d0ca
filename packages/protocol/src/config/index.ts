export { defaultRunner } from "./default-runner.ts";
export { defaultSettings } from "./default-settings.ts";
export { loadConfig, type LoadConfigOptions, type LoadedConfig } from "./load-config.ts";
export type { CronJobSettings, RrqSettings, RunnerSettings, WatchSettings } from "./settings.ts";
