import { fstatSync, writeSync } from "node:fs";

const STDERR = 2;
/** Bytes that may wait for whoever reads a pipe. */
const MOST_WAITING = 1024 * 1024;

/**
 * Puts lines on stderr, whatever is behind it. It never throws and never waits: a full disk, a reader that hung up or that
 * stands still loses lines, not jobs. Once there is room again, `onRoom` hears how many.
 */
export function createStderrWriter(onRoom: (lost: number) => void): (line: string) => void {
  return isPipe() ? pipeWriter(onRoom) : fileWriter(onRoom);
}

function isPipe(): boolean {
  try {
    const stat = fstatSync(STDERR);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}

/** Files and terminals take a line at once, or refuse it. */
function fileWriter(onRoom: (lost: number) => void): (line: string) => void {
  let lost = 0;
  return (line) => {
    try {
      writeSync(STDERR, line);
    } catch {
      lost++;
      return;
    }
    if (lost === 0) return;
    const missing = lost;
    lost = 0;
    onRoom(missing);
  };
}

/** Node writes to a pipe what fits, and keeps the rest for later. */
function pipeWriter(onRoom: (lost: number) => void): (line: string) => void {
  const { stderr } = process;
  let lost = 0;
  if (!stderr.listeners("error").includes(ignore)) stderr.on("error", ignore);
  return (line) => {
    if (stderr.writableLength > MOST_WAITING) {
      lost++;
      return;
    }
    if (lost > 0) {
      const missing = lost;
      lost = 0;
      onRoom(missing);
    }
    stderr.write(line);
  };
}

/** A reader that hung up. */
function ignore(): void {}
