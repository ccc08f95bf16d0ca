import { spawn } from "node:child_process";
import { once } from "node:events";

/** Ends a server, and removes its folder, should this process end without doing so. */
export interface Guard {
  /** The process to end: replaces the one named before. */
  readonly watch: (pid: number | undefined) => void;
  /** Nothing is left to be done. */
  readonly dismiss: () => Promise<void>;
}

/**
 * `read` fails when our end of its standard input closes, which the kernel does for us however we end: SIGKILL too.
 * A line on it is the process to end, none for none; "dismissed" is the last.
 */
const SCRIPT = `
  pid=
  while read -r line; do
    [ "$line" = dismissed ] && exit 0
    pid=$line
  done
  [ -n "$pid" ] && kill -KILL "$pid"
  rm -rf -- "$1"
`;

/** Starts a guard over `folder`. It has a session of its own, so that Ctrl-C does not reach it. */
export function startGuard(folder: string): Guard {
  const shell = spawn("sh", ["-c", SCRIPT, "sh", folder], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  const ended = once(shell, "exit");
  // Without its guard a server is still stopped in the usual ways.
  shell.stdin.on("error", () => undefined);
  return {
    watch: (pid) => shell.stdin.write(`${pid ?? ""}\n`),
    dismiss: async () => {
      shell.stdin.end("dismissed\n");
      await ended;
    },
  };
}
