import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Waits for the lock on `file` and holds it until it is disposed of. The lock belongs to a `flock` process
 * that lives as long as our end of its standard input, so that it is freed however this process ends.
 */
export async function lockFile(file: string): Promise<AsyncDisposable> {
  const holder = spawn("flock", [file, "sh", "-c", "echo locked; read -r _"], { stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve) => holder.once("close", () => resolve()));
  await Promise.race([
    once(holder.stdout, "data"),
    once(holder, "exit").then(() => Promise.reject(new Error(`cannot lock ${file}`))),
  ]);
  return {
    [Symbol.asyncDispose]: async () => {
      holder.stdin.end();
      await ended;
    },
  };
}
