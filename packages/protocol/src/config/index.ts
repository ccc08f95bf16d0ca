export type { CronJobSettings, RrqSettings, RunnerSettings, WatchSettings } from "./settings.ts";
