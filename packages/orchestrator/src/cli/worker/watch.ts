import { watchOrchestrator } from "../../watch/watch-orchestrator.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { onStopSignals } from "../stop-signals.ts";

export interface WatchArguments {
  readonly config?: string;
  readonly queue?: readonly string[];
  readonly path?: string;
  readonly pattern?: readonly string[];
  readonly ignorePattern?: readonly string[];
  /** False with `--no-gitignore`. */
  readonly gitignore: boolean;
  readonly runnerMode?: "managed" | "external";
}

/** Runs an orchestrator that starts anew when a file changes, until a signal. */
export async function watchWorker(options: WatchArguments): Promise<ExitCode> {
  const { config, queue, path, pattern, ignorePattern, gitignore, runnerMode } = options;
  const stopping = new AbortController();
  using _signals = onStopSignals(() => stopping.abort());
  await watchOrchestrator({
    signal: stopping.signal,
    onEvent: (line) => process.stdout.write(`${line}\n`),
    ...(config !== undefined && { config }),
    ...(queue !== undefined && { queues: queue }),
    ...(path !== undefined && { path }),
    ...(pattern !== undefined && { includePatterns: pattern }),
    ...(ignorePattern !== undefined && { ignorePatterns: ignorePattern }),
    ...(!gitignore && { noGitignore: true }),
    ...(runnerMode !== undefined && { runnerMode }),
  });
  return exitCodes.done;
}
