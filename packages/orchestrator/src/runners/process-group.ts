import { readdirSync, readFileSync } from "node:fs";

/** Windows has no process groups: there only the leader can be reached. */
const target = (leader: number): number => (process.platform === "win32" ? leader : -leader);

/** Sends `signal` to every process of the group that `leader` began; answers whether there was one to get it. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  return kill(target(leader), signal);
}

/** Whether a process of the group still runs. A zombie that nobody collects does not count. */
export function groupRuns(leader: number): boolean {
  if (!kill(target(leader), 0)) return false;
  return process.platform !== "linux" || membersOf(leader).some((state) => state !== "Z");
}

/** States of a group's processes, as `/proc` names them. Our children are often adopted by an init that collects no zombies. */
function membersOf(leader: number): string[] {
  const states: string[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const [state, , group] = statOf(entry);
    if (state !== undefined && group === String(leader)) states.push(state);
  }
  return states;
}

/** State, parent and group of a process; nothing if it is gone. */
function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ", 3); // the name before it may hold anything
  } catch {
    return [];
  }
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it is there, but changed its user
  }
}

const killedAtExit = new Set<number>();

function killAll(): void {
  for (const leader of killedAtExit) signalGroup(leader, "SIGKILL");
}

/** Kills the group if this process exits before the answered function is called. */
export function killAtExit(leader: number): () => void {
  if (killedAtExit.size === 0) process.on("exit", killAll);
  killedAtExit.add(leader);
  return () => {
    if (killedAtExit.delete(leader) && killedAtExit.size === 0) process.off("exit", killAll);
  };
}
