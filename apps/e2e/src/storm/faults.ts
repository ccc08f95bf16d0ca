import { setTimeout as sleep } from "node:timers/promises";

/** Something that can be killed, or stopped for a while. */
export interface Target {
  readonly name: string;
  /** Its process now; `null` while it has none. */
  pid(): number | null | Promise<number | null>;
  /** Brings it back after a SIGKILL. */
  revive(): Promise<void>;
}

export interface Fault {
  readonly target: string;
  readonly kind: "SIGKILL" | "SIGSTOP";
  /** Epoch milliseconds. */
  readonly at: number;
}

const PAUSE_MS = 700;
/** The same target has at least so long between two of its faults. */
const REST_MS = 5_000;

/** Kills and stops targets, one after the other, until `until` (epoch ms). Nothing is stopped or down at the end. */
export async function raiseStorm(targets: readonly Target[], until: number, random: () => number): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const restingUntil = new Map<Target, number>();
  const mending: Promise<void>[] = [];
  while (Date.now() < until) {
    await sleep(PAUSE_MS * (0.5 + random()));
    const rested = targets.filter((target) => Date.now() >= (restingUntil.get(target) ?? 0));
    const target = rested[Math.floor(random() * rested.length)];
    const pid = await target?.pid();
    if (target === undefined || pid === null || pid === undefined) continue;
    const kind = random() < 0.5 ? "SIGKILL" : "SIGSTOP";
    const stoppedMs = kind === "SIGSTOP" ? 500 + random() * 4_000 : 0;
    if (!send(pid, kind)) continue;
    faults.push({ target: target.name, kind, at: Date.now() });
    restingUntil.set(target, Infinity);
    const mend = async (): Promise<void> => {
      if (kind === "SIGKILL") await target.revive();
      else {
        await sleep(stoppedMs);
        send(pid, "SIGCONT");
      }
      restingUntil.set(target, Date.now() + REST_MS);
    };
    mending.push(mend());
  }
  await Promise.all(mending);
  return faults;
}

/** Whether the process was there. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
