import { type ExecutionOutcome, type ExecutionRequest, RrqError, type Runner } from "@rrq/protocol";
import { CANCELLED, SHUTTING_DOWN } from "./abort-reasons.ts";
import { type HandlingOptions, type HandlingSettings, resolveHandling } from "./options.ts";
import type { Registry } from "./registry.ts";
import { RunningJobs } from "./running-jobs.ts";
import { sealOutcome } from "./seal-outcome.ts";
import { loadTelemetry } from "./telemetry.ts";

/** A runner whose handlers run in the calling process. */
export type InProcessRunner = Required<Runner> & AsyncDisposable;

/**
 * A runner without a socket: the handlers of `registry` run in this process, beside the orchestrator. They are held to the
 * same rules as behind a socket. `maxInFlight` is what it takes at a time: further requests reject with `RUNNER_BUSY`.
 */
export function inProcess(registry: Registry, options: HandlingOptions = {}): InProcessRunner {
  return new HandlersInProcess(registry, resolveHandling(options));
}

class HandlersInProcess implements InProcessRunner {
  readonly #settings: HandlingSettings;
  readonly #opening: Promise<RunningJobs>;
  #jobs: RunningJobs | undefined;
  readonly #slotListeners = new Set<() => void>();
  /** Requests whose handler has not ended, answered or not. */
  #inFlight = 0;
  #closed: Promise<void> | undefined;

  constructor(registry: Registry, settings: HandlingSettings) {
    this.#settings = settings;
    // Who is over the limit is refused, so nobody waits in there.
    this.#opening = loadTelemetry(settings).then(
      (telemetry) => (this.#jobs = new RunningJobs({ ...settings, registry, telemetry }, Number.POSITIVE_INFINITY)),
    );
  }

  async execute(request: ExecutionRequest, signal: AbortSignal): Promise<ExecutionOutcome> {
    const jobs = this.#jobs ?? (await this.#opening);
    this.#refuse(signal);
    this.#inFlight += 1;
    return new Promise((resolve) => {
      const cancel = (): void => job.abort(CANCELLED);
      const job = jobs.start(request, {
        answer: (_request, told) => {
          signal.removeEventListener("abort", cancel);
          const sealed = sealOutcome(told);
          resolve(sealed);
          return sealed;
        },
        ended: () => {
          this.#inFlight -= 1;
          for (const listener of this.#slotListeners) listener();
        },
      });
      // The handler has begun, and may itself have had the signal fired.
      if (signal.aborted) cancel();
      else if (!job.answered) signal.addEventListener("abort", cancel, { once: true });
    });
  }

  freeSlots(): number {
    return this.#closed === undefined ? Math.max(0, this.#settings.maxInFlight - this.#inFlight) : 0;
  }

  onFreeSlot(listener: () => void): () => void {
    this.#slotListeners.add(listener);
    return () => void this.#slotListeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const jobs = await this.#opening;
    jobs.abortAll(SHUTTING_DOWN);
    await jobs.answered(this.#settings.abortGraceMs);
    jobs.abortAll(SHUTTING_DOWN, 0);
  }

  #refuse(signal: AbortSignal): void {
    if (this.#closed !== undefined) throw new RrqError("RUNNER_UNAVAILABLE", "The runner in this process is closed");
    if (signal.aborted) throw new RrqError("ABORTED", "Aborted before the handler was called", { cause: signal.reason });
    if (this.freeSlots() === 0) throw new RrqError("RUNNER_BUSY", "The runner in this process has no free slot");
  }
}
