import { startOrchestrator } from "../../orchestrator.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { onStopSignals } from "../stop-signals.ts";

export interface RunOptions {
  readonly config?: string;
  readonly queue?: readonly string[];
  readonly burst?: boolean;
  readonly runnerMode?: "managed" | "external";
}

/** Runs an orchestrator until a signal, or the end of a burst. The first signal drains, the second cuts the grace. */
export async function runWorker(options: RunOptions): Promise<ExitCode> {
  const { config, queue, burst, runnerMode } = options;
  const [stopping, cutting] = [new AbortController(), new AbortController()];
  using _signals = onStopSignals(() => {
    if (stopping.signal.aborted) cutting.abort();
    stopping.abort();
  });
  try {
    const orchestrator = await startOrchestrator({
      signal: stopping.signal,
      ...(config !== undefined && { config }),
      ...(queue !== undefined && { queues: queue }),
      ...(burst !== undefined && { burst }),
      ...(runnerMode !== undefined && { runnerMode }),
    });
    cutting.signal.addEventListener("abort", () => void orchestrator.close({ cut: cutting.signal }), { once: true });
    if (cutting.signal.aborted) await orchestrator.close({ cut: cutting.signal });
    await orchestrator.stopped;
    return exitCodes.done;
  } catch (error) {
    // Stopped while it was starting: nothing is left of it.
    if (stopping.signal.aborted) return exitCodes.done;
    throw error;
  }
}
