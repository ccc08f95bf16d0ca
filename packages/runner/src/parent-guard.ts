/** What can be asked about processes. */
export interface Processes {
  /** Of this process, at this moment. */
  parentPid(): number;
  isAlive(pid: number): boolean;
}

export const systemProcesses: Processes = {
  parentPid: () => process.ppid,
  isAlive: (pid) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // Alive, but somebody else's.
      return error instanceof Error && "code" in error && error.code === "EPERM";
    }
  },
};

/**
 * Notices that the orchestrator which started this process is gone: Node has no signal for that. The parent is the
 * orchestrator itself or a wrapper around us (`sh -c`, `npx`), which may outlive it; so the orchestrator is watched too.
 * It may well be process 1.
 */
export class ParentGuard {
  readonly #processes: Processes;
  readonly #parentPid: number;
  readonly #orchestratorPid: number | null;

  /** `orchestratorPid`: as the orchestrator told it; `null` if it told nothing. */
  constructor(processes: Processes, orchestratorPid: number | null) {
    this.#processes = processes;
    this.#parentPid = processes.parentPid();
    this.#orchestratorPid = orchestratorPid;
  }

  /** What happened to them; `null` while all is well. */
  loss(): string | null {
    const parentPid = this.#processes.parentPid();
    if (parentPid !== this.#parentPid) return `parent PID changed (${this.#parentPid} -> ${parentPid})`;
    // As long as the orchestrator is our parent, its number cannot have gone to another process.
    if (this.#orchestratorPid === null || this.#orchestratorPid === parentPid) return null;
    return this.#processes.isAlive(this.#orchestratorPid) ? null : `the orchestrator (PID ${this.#orchestratorPid}) is not alive`;
  }
}
