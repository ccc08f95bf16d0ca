import type { RrqSettings } from "./settings.ts";

/** Upstream's default for `default_runner_name`. */
const FALLBACK = "python";

/**
 * The runner of jobs that neither name one nor come from a routed queue. A file that says nothing means the only one of
 * `runnerNames` (those configured, and those a program brings), else `python`, which may not be among them.
 */
export function defaultRunner(settings: RrqSettings, runnerNames: Iterable<string> = settings.runners.keys()): string {
  if (settings.defaultRunnerName !== null) return settings.defaultRunnerName;
  const names = [...runnerNames];
  return names.length === 1 && names[0] !== undefined ? names[0] : FALLBACK;
}
