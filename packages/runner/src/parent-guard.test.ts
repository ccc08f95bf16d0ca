import { describe, expect, test } from "vitest";
import { ParentGuard, type Processes, systemProcesses } from "./parent-guard.ts";

class FakeProcesses implements Processes {
  parent = 100;
  readonly alive = new Set([1, 100, 50]);

  parentPid(): number {
    return this.parent;
  }

  isAlive(pid: number): boolean {
    return this.alive.has(pid);
  }
}

describe("[runner §6] noticing that the orchestrator is gone", () => {
  test.each<[string, number | null, (processes: FakeProcesses) => void, string | null]>([
    ["all is well with the orchestrator as parent", 100, () => undefined, null],
    ["all is well with a wrapper in between", 50, () => undefined, null],
    ["the parent died: process 1 took over", 100, (p) => (p.parent = 1), "parent PID changed (100 -> 1)"],
    ["the parent died: another process took over", null, (p) => (p.parent = 77), "parent PID changed (100 -> 77)"],
    ["the orchestrator died, its wrapper lives", 50, (p) => p.alive.delete(50), "the orchestrator (PID 50) is not alive"],
    ["an orchestrator that told nothing cannot be watched beyond the parent", null, (p) => p.alive.delete(50), null],
    ["a parent is never asked whether it lives: it is our parent", 100, (p) => p.alive.delete(100), null],
  ])("%s", (_title, orchestratorPid, happens, loss) => {
    const processes = new FakeProcesses();
    const guard = new ParentGuard(processes, orchestratorPid);
    expect(guard.loss()).toBeNull();
    happens(processes);
    expect(guard.loss()).toBe(loss);
  });

  test("[runner §1] the orchestrator may be process 1", () => {
    const processes = new FakeProcesses();
    processes.parent = 1;
    expect(new ParentGuard(processes, 1).loss()).toBeNull();
  });

  test("an orchestrator that died before the first look is noticed at the first look", () => {
    const processes = new FakeProcesses();
    processes.parent = 1;
    expect(new ParentGuard(processes, 4_000).loss()).toBe("the orchestrator (PID 4000) is not alive");
  });

  test("the system tells our parent, and who lives", () => {
    expect(systemProcesses.parentPid()).toBe(process.ppid);
    expect(systemProcesses.isAlive(process.pid)).toBe(true);
    expect(systemProcesses.isAlive(1)).toBe(true);
    expect(systemProcesses.isAlive(2 ** 30)).toBe(false);
  });
});
