import { ManualClock, ResourceStack } from "@rrq/protocol/runtime";
import { createRegistry, type Registry } from "../registry.ts";
import { type RunnerOptions, type RunningRunner, startRunner } from "../start-runner.ts";
import { keptLog, type Line } from "./lines.ts";
import { SocketClient } from "./socket-client.ts";

/** Handlers that a test ends by hand, by job id. */
export interface HeldJob {
  readonly signal: AbortSignal;
  readonly resolve: (value: unknown) => void;
}

/** A runner on a real socket, under a clock that the test moves, with some handlers. */
export class RunnerBench implements AsyncDisposable {
  readonly runner: RunningRunner;
  readonly clock: ManualClock;
  readonly lines: readonly Line[];
  readonly held: Map<string, HeldJob>;
  readonly #stack = new ResourceStack();
  readonly #waiting: Map<string, () => void>;

  private constructor(parts: Pick<RunnerBench, "runner" | "clock" | "lines" | "held"> & { waiting: Map<string, () => void> }) {
    this.runner = parts.runner;
    this.clock = parts.clock;
    this.lines = parts.lines;
    this.held = parts.held;
    this.#waiting = parts.waiting;
    this.#stack.defer(() => this.runner.close({ force: true }));
  }

  /** `extend` adds handlers to those that every bench has: `echo` (its params), `hold` (until the test ends it). */
  static async open(extend: (registry: Registry) => void = () => undefined, options: Partial<RunnerOptions> = {}): Promise<RunnerBench> {
    const clock = new ManualClock(Date.now());
    const { log, lines } = keptLog();
    const held = new Map<string, HeldJob>();
    const waiting = new Map<string, () => void>();
    const registry = createRegistry()
      .register("echo", (params) => params)
      .register("hold", (_params, { jobId, signal }) => {
        const ended = new Promise<unknown>((resolve) => held.set(jobId, { signal, resolve }));
        waiting.get(jobId)?.();
        return ended;
      });
    extend(registry);
    const runner = await startRunner(registry, { tcpSocket: "127.0.0.1:0", clock, log, ...options });
    return new RunnerBench({ runner, clock, lines, held, waiting });
  }

  async connect(): Promise<SocketClient> {
    const client = await SocketClient.open(this.runner.address);
    this.#stack.defer(() => client.close());
    return client;
  }

  /** The job with that id, once its handler runs. */
  async holding(jobId: string): Promise<HeldJob> {
    const here = this.held.get(jobId);
    if (here !== undefined) return here;
    await new Promise<void>((resolve) => this.#waiting.set(jobId, resolve));
    return this.holding(jobId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack[Symbol.asyncDispose]();
  }
}
