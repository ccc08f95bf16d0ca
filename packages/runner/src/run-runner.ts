import { RrqError } from "@rrq/protocol";
import { systemClock } from "@rrq/protocol/runtime";
import { formatAddress, parseAddress } from "./address.ts";
import { parseCommandLine, USAGE } from "./command-line.ts";
import { getJobContext } from "./job-context.ts";
import { type Log, logLevelOf, stderrLog } from "./log.ts";
import { ParentGuard, systemProcesses } from "./parent-guard.ts";
import { listenForEnds, type ProcessEnd } from "./process-end.ts";
import type { Registry } from "./registry.ts";
import { type RunnerOptions, type RunningRunner, startRunner } from "./start-runner.ts";

export interface RunRunnerOptions extends Partial<RunnerOptions> {
  /**
   * Whether to end when the process that started this one is gone.
   * @default true if that was an orchestrator of ours, which sets RRQ_RUNNER_PARENT_PID
   */
  readonly parentGuard?: boolean | undefined;
  /** Called after the last job, before the process ends: closes what handlers use. A second signal does not wait for it. */
  readonly onClose?: (() => void | Promise<void>) | undefined;
}

type ProgramOptions = RunRunnerOptions & { readonly tcpSocket: string };

/** Our orchestrator's process id, as it tells its runners. */
const ORCHESTRATOR_PID_VARIABLE = "RRQ_RUNNER_PARENT_PID";

/**
 * A runner program's last line: listens where its arguments say, and ends the process when it is time.
 *
 * - SIGTERM, SIGINT, SIGHUP: no new work, jobs in flight get `drainMs`, what is left is aborted and answered for; exit code 0.
 *   A second signal cuts the waiting.
 * - The orchestrator that started it is gone: the same, with exit code 1.
 * - An uncaught exception or unhandled rejection: it is logged, then the same, with exit code 1.
 * - Wrong arguments: one line on stderr, exit code 2. Any other failure to start: one line, exit code 1.
 */
export async function runRunner(registry: Registry, options: RunRunnerOptions = {}): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2), process.env, options.tcpSocket);
  switch (command.kind) {
    case "help":
      process.stdout.write(USAGE);
      return process.exit(0);
    case "usage-error":
      return fail(2, command.message);
    case "run":
      return serve(registry, { ...options, tcpSocket: command.tcpSocket }, command.tcpSocket !== options.tcpSocket);
    default:
      command satisfies never;
  }
}

/** `given`: the address came from outside the program. */
async function serve(registry: Registry, options: ProgramOptions, given: boolean): Promise<void> {
  const { clock = systemClock, log = stderrLog(logLevelOf(process.env["RUST_LOG"])) } = options;
  // Whoever read our output may be gone before us.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const guard = parentGuard(options.parentGuard);
  if (guard?.loss()) return fail(1, "runner parent is not alive (startup)");

  const opening = open(registry, { ...options, clock, log }, given);
  const hurry = new AbortController();
  let finishing: Promise<void> | undefined;
  listenForEnds(guard, clock, (end) => {
    report(end, log);
    if (finishing === undefined) finishing = finish(opening, end, { ...options, log }, hurry.signal);
    else if (end.why === "signal") hurry.abort();
  });
  try {
    const { address } = await opening;
    log.info("runner listening", { address: formatAddress(address), handlers: registry.names() });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    fail(RrqError.is(error, "INVALID_ARGUMENT") ? 2 : 1, message);
  }
}

/** A program may ask for any free port; who starts it has to say one, or nobody would know where it listens. */
async function open(registry: Registry, options: ProgramOptions, given: boolean): Promise<RunningRunner> {
  const { tcpSocket, allowedHosts = [] } = options;
  if (given) parseAddress(tcpSocket, { allowedHosts, ephemeral: false });
  return startRunner(registry, options);
}

/** Closes what is open and ends the process; without waiting once `hurry` aborts. */
async function finish(
  opening: Promise<RunningRunner>,
  end: ProcessEnd,
  options: RunRunnerOptions & { log: Log },
  hurry: AbortSignal,
): Promise<void> {
  const runner = await opening;
  let exitCode = end.why === "signal" ? 0 : 1;
  const hurried = new Promise<void>((resolve) => {
    const cut = (): void => {
      void runner.close({ force: true });
      resolve();
    };
    if (hurry.aborted) cut();
    else hurry.addEventListener("abort", cut);
  });
  await runner.close();
  try {
    await Promise.race([options.onClose?.(), hurried]);
  } catch (error) {
    options.log.error("onClose failed", { error });
    exitCode = 1;
  }
  process.exit(exitCode);
}

function parentGuard(wanted: boolean | undefined): ParentGuard | null {
  const told = Number(process.env[ORCHESTRATOR_PID_VARIABLE]);
  const orchestratorPid = Number.isSafeInteger(told) && told > 0 ? told : null;
  return (wanted ?? orchestratorPid !== null) ? new ParentGuard(systemProcesses, orchestratorPid) : null;
}

function report(end: ProcessEnd, log: Log): void {
  switch (end.why) {
    case "signal":
      log.info("runner ends after a signal", { signal: end.signal });
      return;
    case "parent-gone":
      log.error(`rrq-runner exiting after ${end.loss}`);
      return;
    case "crash":
      // Where it happened below a handler, the line carries the job.
      (getJobContext()?.log ?? log).error("runner ends after an uncaught error", { error: end.error });
      return;
    default:
      end satisfies never;
  }
}

function fail(exitCode: number, message: string): never {
  process.stderr.write(`rrq-runner: ${message}\n`);
  return process.exit(exitCode);
}
